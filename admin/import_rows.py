"""The findings of an import as rows of a page and of a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

from core.kernel.words import N_

GRAVITIES = {
    "refuse": (N_("Refusée"), "error"),
    "drop": (N_("Cellule laissée"), "warn"),
    "flag": (N_("À vérifier"), "info"),
    "note": (N_("Pour information"), "neutral"),
}
VIEWS = {"erreurs": ("refuse", "drop"), "a-verifier": ("flag",)}
SHOWN = 500
"""Rows of a page; the file for a spreadsheet has them all."""


def shown_findings(report: Mapping[str, Any], view: str) -> list[dict[str, Any]]:
    """The findings that a tab shows, each with the words of its gravity."""
    wanted = VIEWS.get(view)
    rows = [one for one in report.get("problems", ()) if wanted is None or one["gravity"] in wanted]
    return [
        {**one, "label": GRAVITIES[one["gravity"]][0], "tone": GRAVITIES[one["gravity"]][1]}
        for one in rows[:SHOWN]
    ]


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
