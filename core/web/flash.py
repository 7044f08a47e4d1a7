"""A short word after an act, carried to the next page by a signed cookie: msgids, nobody's data."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec

FLASH = "seuil-flash"


def _signature(secret: str, body: str) -> str:
    return hmac.new(f"flash {secret}".encode(), body.encode(), hashlib.sha256).hexdigest()[:32]


def seal(secret: str, text: str, tone: str) -> str:
    """The cookie that says `text` in that tone."""
    body = urlsafe_b64encode(msgspec.json.encode([tone, text])).decode()
    return f"{body}.{_signature(secret, body)}"


def unseal(secret: str, cookie: str) -> tuple[str, str] | None:
    """(tone, text) of a cookie that we sealed; None for any other, whatever it holds."""
    body, _, signature = cookie.partition(".")
    # As bytes: compared as text, a sign beyond ASCII would be an error.
    if not body or not hmac.compare_digest(signature.encode(), _signature(secret, body).encode()):
        return None
    tone, text = msgspec.json.decode(urlsafe_b64decode(body), type=tuple[str, str])
    return tone, text
