"""Names as they are searched: a spelling key and its variants with one slip."""

from __future__ import annotations

from core.kernel.spelling import search_key

__all__ = ["name_variants", "search_key"]


def name_variants(key: str) -> frozenset[str]:
    """The key and every spelling with one character less.

    Two keys that differ by one letter added, dropped or changed, or by two neighbours swapped,
    share a variant: a search is an equality on variants, which an index answers. It may also
    bring keys two slips apart: check the hits when that matters.
    """
    return frozenset({key} | {key[:i] + key[i + 1 :] for i in range(len(key))}) - {""}
