"""Passwords of local accounts (argon2id) and the codes printed on residents' cards."""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford base32: no I, L, O, U."""

_CHECK = ALPHABET + "*~$=U"
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    return _HASHER.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether it matches; takes as long when there is no account."""
    try:
        _HASHER.verify(stored or _NOBODY, password)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
    return stored is not None


def new_code(draw: bytes | None = None) -> str:
    """A card's code: XXXXX-XXXXX and a check character; 49 random bits or more.

    Only letters and figures: a telephone hides the five signs that this check may also give, so
    the next number whose check is a letter or a figure is taken.
    """
    number = int.from_bytes(draw or secrets.token_bytes(7), "big") % (32**10)
    while number % 37 >= 32:
        number = (number + 1) % 32**10
    digits = ""
    rest = number
    for _ in range(10):
        digits = ALPHABET[rest % 32] + digits
        rest //= 32
    return f"{digits[:5]}-{digits[5:]}-{_CHECK[number % 37]}"


def read_code(text: str) -> str | None:
    """The code in its one form, however it was typed; None when its check character is wrong."""
    plain = text.upper().replace("-", "").replace(" ", "").replace("\u00a0", "")
    if len(plain) != 11:
        return None
    plain = plain.translate(str.maketrans("OIL", "011"))
    body = plain[:10]
    if any(c not in ALPHABET for c in body):
        return None
    number = 0
    for c in body:
        number = number * 32 + ALPHABET.index(c)
    if _CHECK[number % 37] != plain[10]:
        return None
    return f"{body[:5]}-{body[5:]}-{plain[10]}"


def code_hash(code: str, territory_id: int, pepper: str) -> bytes:
    """scrypt with the server's secret as salt: the code alone finds its row."""
    salt = hashlib.sha256(f"seuil code {territory_id} {pepper}".encode()).digest()
    return hashlib.scrypt(code.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
