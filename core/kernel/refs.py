"""Public references: the only ids in addresses and letters, drawn at random."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that nobody misreads a letter or a figure."""

LENGTH = 10
"""50 random bits: a clash in one territory is refused by its unique index, and never met."""


def new_ref() -> str:
    """A new reference. Says nothing of who or when, so that it can stand in an address."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
