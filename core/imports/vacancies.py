"""A structure's free places as a file: read whole, tried without a trace, then declared.

Small files, read at once: one line per place. A line that cannot be declared says why and stops
no other; a place that is declared free already is left as it is, so that a list sent again each
week does no harm.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.housing.queries import declarable
from core.housing.service import declare_vacancy, vacancy_step
from core.imports.dates import parse_date
from core.imports.encoding import detect
from core.imports.keys import clean, fold
from core.imports.problems import CODES, Untrustworthy
from core.kernel.errors import Conflict, DomainError, Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_

LIMIT = 1_000_000
"""Bytes of a file."""
ROWS = 1000
SEPARATORS = (";", ",", "\t", "|")

HEADERS = {
    "structure": ("structure", "programme", "etablissement", "residence", "dispositif", "site"),
    "place": ("place", "chambre", "logement", "lot", "unite", "numero", "appartement", "n place"),
    "reference": ("reference", "ref", "reference place", "reference de la place"),
    "free_on": ("libre le", "libre a partir du", "disponible le", "date de disponibilite",
                "date disponibilite", "date de liberation", "date"),
    "works": ("travaux jusqu au", "en travaux jusqu au", "fin des travaux", "travaux"),
    "note": ("note", "a savoir", "remarque", "remarques", "observation", "observations",
             "commentaire"),
}  # fmt: skip
"""How a team may call each column; `reference` alone names a place, else structure and place."""

NO_HEADER = N_(
    "Aucune ligne d’en-tête n’a été reconnue. Il faut une colonne « libre le », et une colonne "
    "« référence » ou « place »."
)
TOO_MANY = N_("Ce fichier a plus de 1 000 lignes : coupez-le en plusieurs.")
TOO_LONG = N_("Ce fichier est trop gros.")
UNKNOWN = N_("Aucune place de vos structures ne porte ce nom.")
SEVERAL = N_("Plusieurs places portent ce nom : ajoutez la structure ou la référence.")
NO_DATE = N_("Indiquez le jour où la place est libre.")
CROSSED = N_("La fin des travaux est avant le jour où la place est libre.")
TWICE = N_("Cette place figure déjà plus haut dans le fichier.")
STANDS = N_("Déjà déclarée libre : rien n’est changé.")
DECLARED = N_("Déclarée libre.")
FROZEN = N_("Déclarée, gelée jusqu’à la fin des travaux.")


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is written; `number` counts as a text editor does."""

    number: int
    structure: str = ""
    place: str = ""
    reference: str = ""
    free_on: str = ""
    works: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a line, or would. state: done, stands, refused."""

    line: Line
    state: str
    said: str
    params: dict[str, Any]
    place: str = ""


def read_lines(data: bytes) -> list[Line]:
    """The lines of a file of vacancies. Raises `Untrustworthy` or Invalid with why it cannot be
    read; a workbook is told how to be saved as CSV, as for every import."""
    if len(data) > LIMIT:
        raise Invalid({"file": TOO_LONG})
    encoding, errors = detect([data])
    text = data.decode(encoding, errors=errors).lstrip("\ufeff")
    best: tuple[int, int, str, dict[str, int]] | None = None
    head = text.splitlines()[:30]
    for at, line in enumerate(head):
        for separator in SEPARATORS:
            found = _columns(next(csv.reader([line], delimiter=separator), []))
            if len(found) > (best[0] if best else 1):
                best = (len(found), at, separator, found)
    if best is None or "free_on" not in best[3] or not {"reference", "place"} & set(best[3]):
        raise Invalid({"file": NO_HEADER})
    _, at, separator, columns = best
    body = "\n".join(text.splitlines()[at + 1 :])
    reader = csv.reader(io.StringIO(body), delimiter=separator)
    lines: list[Line] = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(lines) == ROWS:
            raise Invalid({"file": TOO_MANY})
        values = {n: clean(cells[i])[:500] for n, i in columns.items() if i < len(cells)}
        lines.append(Line(at + 1 + reader.line_num, **values))
    if not lines:
        raise Untrustworthy("no_rows")
    return lines


def _columns(cells: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        name = fold(cell)
        for field, names in HEADERS.items():
            if name in names and field not in found:
                found[field] = index
    return found


def parse_day(text: str, today: date) -> tuple[date | None, str]:
    """A day as written; with why it cannot be read, when it cannot."""
    value, problem = parse_date(text, today=today)
    if value is not None:
        return value, ""
    return None, CODES[problem.code][1] % problem.params if problem else ""


async def declare_lines(unit: Unit, lines: Sequence[Line]) -> list[Outcome]:
    """Declare each line's place, each in a savepoint: what is refused says why, and harms no
    other. Only places that the actor may declare are known."""
    unit.require("vacancies.declare")
    places = await declarable(unit)
    by_ref = {p["ref"]: p for p in places}
    seen: set[str] = set()
    found = []
    for line in lines:
        place = by_ref.get(line.reference.upper()) if line.reference else None
        if place is None:
            label, structure = fold(line.place), fold(line.structure)
            named = [
                p
                for p in places
                if label
                and fold(p["label"]) == label
                and (not structure or fold(p["programme"]) == structure)
            ]
            if len(named) != 1:
                found.append(Outcome(line, "refused", SEVERAL if named else UNKNOWN, {}))
                continue
            place = named[0]
        name = f"{place['programme']} – {place['label']}"
        if place["ref"] in seen:
            found.append(Outcome(line, "refused", TWICE, {}, name))
            continue
        seen.add(place["ref"])
        found.append(await _declare(unit, line, place, name))
    return found


async def _declare(unit: Unit, line: Line, place: Any, name: str) -> Outcome:
    free_on, wrong = parse_day(line.free_on, unit.today)
    works, unread = parse_day(line.works, unit.today) if line.works else (None, "")
    if free_on is None or unread:
        return Outcome(line, "refused", wrong or unread or NO_DATE, {}, name)
    if works is not None and works < max(free_on, unit.today):
        return Outcome(line, "refused", CROSSED, {}, name)
    if place["stands"] in ("declared", "held"):
        return Outcome(line, "stands", STANDS, {}, name)
    try:
        async with unit.savepoint():
            made = await declare_vacancy(unit, place["id"], free_on=free_on, note=line.note)
            if works is not None:
                await vacancy_step(unit, made, "freeze", reason="Travaux", frozen_until=works)
    except Invalid as error:
        return Outcome(line, "refused", next(iter(error.errors.values())), {}, name)
    except (DomainError, Conflict) as error:
        return Outcome(line, "refused", error.message, dict(error.params), name)
    return Outcome(line, "done", FROZEN if works else DECLARED, {}, name)
