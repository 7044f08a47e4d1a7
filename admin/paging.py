"""Keyset pages in the back-office: the rows to show, and where the next ones are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from core.web.visit import Visit

SIZE = 50


def asked(visit: Visit, name: str) -> str | None:
    """A filter of the address, or None when it is absent or empty."""
    return visit.request.query_params.get(name, "").strip() or None


def page_of(
    visit: Visit, rows: Sequence[Any], size: int = SIZE
) -> tuple[Sequence[Any], dict[str, Any]]:
    """The first `size` of `size + 1` rows read, and what `ui.pager` needs.

    The cursor is the reference of the last row shown: no name or number stands in the address.
    """
    params = {n: v for n, v in visit.request.query_params.items() if n != "apres" and v}
    path = visit.request.url.path
    shown = rows[:size]
    following = None
    if len(rows) > size:
        following = f"{path}?{urlencode({**params, 'apres': shown[-1]['ref']})}"
    first = None
    if asked(visit, "apres"):
        first = f"{path}?{urlencode(params)}" if params else path
    return shown, {"shown": len(shown), "previous_href": first, "next_href": following}
