"""Passwords of local accounts (argon2id) and the codes printed on residents' cards.

Both are slow on purpose: they are worked out on two threads of their own, so that nobody else's
page waits, and a flood of tries is turned away rather than queued.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from core.accounts.throttle import BUSY
from core.kernel.errors import TooMany

T = TypeVar("T")

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford base32: no I, L, O, U."""

_CHECK = ALPHABET + "*~$=U"
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("nobody has this password")


LONGEST_PASSWORD = 1000
"""Signs. What is longer is nobody's password, and is not worth the work."""

AT_ONCE, WAITING = 2, 20
"""How many are worked out at the same time (64 MB each), and how many may wait for it."""

_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="slow-hash")
_asked = 0


async def _aside(work: Callable[[], T], patient: bool = True) -> T:
    """Do slow work beside the event loop; the impatient get TooMany when many wait already."""
    global _asked
    if not patient and _asked >= AT_ONCE + WAITING:
        raise TooMany(BUSY)
    _asked += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work)
    finally:
        _asked -= 1


async def hash_password(password: str) -> str:
    return await _aside(lambda: _HASHER.hash(password))


async def verify_password(stored: str | None, password: str) -> bool:
    """Whether it matches; takes as long when there is no account."""
    if len(password) > LONGEST_PASSWORD:
        return False

    def verify() -> bool:
        try:
            return _HASHER.verify(stored or _NOBODY, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False

    return await _aside(verify, patient=False) and stored is not None


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


async def code_hash(code: str, territory_id: int, pepper: str, *, patient: bool = True) -> bytes:
    """scrypt with the server's secret as salt: the code alone finds its row.

    At the door one is not patient: TooMany when too many others are being looked at.
    """
    salt = hashlib.sha256(f"seuil code {territory_id} {pepper}".encode()).digest()

    def work() -> bytes:
        return hashlib.scrypt(code.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)

    return await _aside(work, patient)
