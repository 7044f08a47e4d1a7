"""The findings of an import as rows of a page and of a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from core.imports.problems import CODES
from core.kernel.words import N_
from core.web.forms import whole
from core.web.visit import Visit

GRAVITIES = {
    "refuse": (N_("Refusée"), "error"),
    "drop": (N_("Cellule laissée"), "warn"),
    "flag": (N_("À vérifier"), "info"),
    "note": (N_("Pour information"), "neutral"),
}
VIEWS = {"erreurs": ("refuse", "drop"), "a-verifier": ("flag",)}
SHOWN = 50
"""Findings of a page; the file for a spreadsheet has them all."""


def page_of_findings(visit: Visit, report: Mapping[str, Any], view: str) -> dict[str, Any]:
    """What a tab shows of the findings: how many of each kind, and those of a page (`?n=2`).

    `?code=`: those of one kind only. A report that is not there yet has none.
    """
    asked = visit.request.query_params
    code, number = asked.get("code", ""), max(whole(asked.get("n", ""), 6) or 1, 1)
    wanted = VIEWS.get(view)
    kinds = [
        {**one, "label": GRAVITIES[one["gravity"]][0], "tone": GRAVITIES[one["gravity"]][1],
         "said": general(one["code"], visit._), "current": one["code"] == code}
        for one in report.get("by_code", ())
        if (wanted is None or one["gravity"] in wanted) and one["code"] in CODES
    ]  # fmt: skip
    rows = [
        {**one, "label": GRAVITIES[one["gravity"]][0], "tone": GRAVITIES[one["gravity"]][1]}
        for one in report.get("problems", ())
        if (wanted is None or one["gravity"] in wanted) and (not code or one["code"] == code)
    ]
    first = (number - 1) * SHOWN
    path = visit.request.url.path
    kept = {n: v for n, v in (("vue", asked.get("vue", "")), ("code", code)) if v}

    def at(n: int) -> str:
        return f"{path}?{urlencode({**kept, 'n': n})}#results"

    return {
        "kinds": kinds,
        "code": code,
        "rows": rows[first : first + SHOWN],
        "here": f"{path}?{urlencode({'vue': kept['vue']})}" if "vue" in kept else path,
        "pager": {
            "shown": len(rows[first : first + SHOWN]),
            "total": len(rows),
            "previous_href": at(number - 1) if number > 1 else None,
            "next_href": at(number + 1) if first + SHOWN < len(rows) else None,
        },
    }


def general(code: str, _: Callable[[str], str]) -> str:
    """What a kind of finding says of no line in particular."""
    return _PLACE.sub("…", _(CODES[code][1]))


_PLACE = re.compile(r"%\(\w+\)s( %%)?")


def safe_cell(text: Any) -> str:
    """A cell that no spreadsheet takes for a formula: a quote before what would begin one."""
    words = "" if text is None else str(text)
    risky = words.lstrip()[:1] in ("=", "+", "-", "@") or words[:1] in ("\t", "\r")
    return f"'{words}" if risky else words


def csv_of_findings(report: Mapping[str, Any], _: Callable[[str], str]) -> str:
    """Line, column, value and message, separated as French spreadsheets expect."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_("Ligne"), _("Colonne"), _("Valeur"), _("Gravité"), _("Message")])
    for one in report.get("problems", ()):
        gravity = _(GRAVITIES[one["gravity"]][0])
        cells = (one["line"], one["column"], one["value"], gravity, one["message"])
        writer.writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()
