"""Those above the household one chooses: grouped by the engine's reason, one choice a group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.kernel.words import N_
from core.matching.shortlist import Candidate
from core.placements.passing import PASSING_REASONS, Why, passing_reason
from core.web.forms import Form
from core.web.visit import Visit

NAMED = 100
"""How many of a group are named: a reason of their own may be given to each of these."""

NOTHING = N_("Rien dans la demande ne les écarte")


@dataclass(frozen=True)
class Group:
    """Those above for whom the engine itself would say the same. `field`: the form's name of the
    reason for them all; `rest`: how many are not named."""

    field: str
    title: str
    people: tuple[Candidate, ...]
    rest: int
    new: frozenset[str]

    @property
    def size(self) -> int:
        return len(self.people) + self.rest


def field_of(code: str) -> str:
    """The field of a group's reason; `why_all` for those whom nothing sets aside."""
    return f"why_group_{code}" if code else "why_all"


def groups_of(visit: Visit, above: Sequence[Candidate], form: Form) -> list[Group]:
    """The groups in the order of the reasons, those whom nothing sets aside first."""
    seen = set(form.value("above").split())
    asked = "above" in set(form.names())
    found: dict[str, list[Candidate]] = {}
    for one in above:
        found.setdefault(one.passing_code, []).append(one)
    order = ["", *(r.code for r in PASSING_REASONS)]
    return [
        Group(
            field_of(code),
            visit._(passing_reason(code).label if code else NOTHING),
            tuple(found[code][:NAMED]),
            max(0, len(found[code]) - NAMED),
            frozenset(one.ref for one in found[code] if asked and one.ref not in seen),
        )
        for code in order
        if code in found
    ]


def filled(above: Sequence[Candidate]) -> dict[str, Any]:
    """What the form begins with: each group has the engine's own reason, to be confirmed."""
    return {
        **{field_of(one.passing_code): one.passing_code for one in above},
        "above": refs(above),
    }


def refs(above: Sequence[Candidate]) -> str:
    """Those above as the page that is read names them."""
    return " ".join(one.ref for one in above)


def why_of(form: Form) -> Why:
    """The reason that the form gives for somebody: their own, their group's, or the one for all.

    Somebody who was not on the page that was read has none: they came above meanwhile.
    """
    seen = set(form.value("above").split())
    words = form.text("why_words", 500)

    def why(one: Candidate) -> tuple[str, str] | None:
        if one.ref not in seen:
            return None
        code = (
            form.value(f"why_{one.ref}")
            or form.value(field_of(one.passing_code))
            or form.value("why_all")
        )
        return (code, words) if code else None

    return why


def against(visit: Visit, one: Candidate) -> str:
    """What is to be checked of somebody, and what speaks against, in one line."""
    return " ".join(s.render(visit._) for s in (*one.doubts, *one.remarks))


def choices(visit: Visit) -> list[tuple[str, str]]:
    """The reasons one may choose from."""
    return [(r.code, visit._(r.label)) for r in PASSING_REASONS]


def renamed(errors: dict[str, str]) -> dict[str, str]:
    """The service's mistakes beside the form's own fields."""
    names = {"passing": "why_all", "passing_words": "why_words"}
    return {names.get(name, name): text for name, text in errors.items()}
