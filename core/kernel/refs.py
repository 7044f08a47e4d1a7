"""Public references: the only ids in addresses and letters, drawn at random."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from random import Random

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that nobody misreads a letter or a figure."""

LENGTH = 10
"""50 random bits: a clash in one territory is refused by its unique index, and never met."""

_drawn_from: ContextVar[Random | None] = ContextVar("refs drawn from", default=None)


_DRAWN = bytes(ord(ALPHABET[byte % 32]) for byte in range(256))
"""256 is eight times 32: each letter comes as often as another."""


def new_ref() -> str:
    """A new reference. Says nothing of who or when, so that it can stand in an address."""
    source = _drawn_from.get()
    if source is None:
        return secrets.token_bytes(LENGTH).translate(_DRAWN).decode()
    return "".join(source.choice(ALPHABET) for _ in range(LENGTH))


@contextmanager
def drawn_from(source: Random) -> Iterator[None]:
    """References drawn inside come from `source`: the demo makes the same ones every time."""
    token = _drawn_from.set(source)
    try:
        yield
    finally:
        _drawn_from.reset(token)
