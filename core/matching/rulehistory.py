"""Reads of ranking rules: what orders a list today, every version it had, the draft under work."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.kernel.errors import NotFound, Refused
from core.kernel.unit import Unit
from core.matching.classing import GOVERNING, rule_of
from core.matching.ranking import FIRST_RULE, Rule


@dataclass(frozen=True, slots=True)
class Version:
    """A signed rule of a list. `standing`: in_force, coming, replaced, never (replaced before its
    day). `rule` is None when its keys cannot be read any more."""

    id: int
    kind: str
    version: int
    rule: Rule | None
    text: str
    why: str
    starts_on: date
    ends_on: date | None
    applied_at: datetime | None
    signed_at: datetime | None
    signed_by: str
    drafted_by: str
    standing: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule while it is written; `rule` may still lack what signing asks."""

    id: int
    kind: str
    rule: Rule
    text: str
    why: str
    seed: bytes
    version: int
    made_by: str
    made_at: datetime


_VERSIONS = """
SELECT r.*, s.name AS signer, d.name AS drafter FROM ranking_rule r
LEFT JOIN account s ON s.id = r.signed_by LEFT JOIN account d ON d.id = r.drafted_by
WHERE ($1::text IS NULL OR r.kind = $1) ORDER BY r.kind, r.starts_on DESC, r.version DESC
"""

_DRAFT = """
SELECT d.*, a.name AS author FROM ranking_draft d LEFT JOIN account a ON a.id = d.made_by
WHERE d.ended_at IS NULL AND ($1::text IS NULL OR d.kind = $1) ORDER BY d.kind
"""

_IN_FORCE = f"""
SELECT DISTINCT ON (r.kind) r.id, r.kind, r.version, r.keys, r.text, r.starts_on
FROM ranking_rule r WHERE r.starts_on <= $1 AND {GOVERNING}
  AND ($2::text[] IS NULL OR r.kind = ANY($2))
ORDER BY r.kind, r.starts_on DESC, r.version DESC
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class InForce:
    """The rule that orders a list: what a referral cites and a household reads. `id` is None
    where the list has none yet."""

    id: int | None
    kind: str
    version: int
    rule: Rule
    text: str
    starts_on: date | None


async def rules_in_force(unit: Unit, kinds: Collection[str] | None = None) -> dict[str, InForce]:
    """The rule of each list that has one. One statement. Raises BadRule."""
    rows = await unit.fetch(_IN_FORCE, unit.today, list(kinds) if kinds is not None else None)
    return {
        r["kind"]: InForce(
            r["id"], r["kind"], r["version"], rule_of(r["keys"]), r["text"], r["starts_on"]
        )
        for r in rows
    }


async def rule_in_force(unit: Unit, kind: str) -> InForce:
    """The rule that orders a list today; the first rule where nobody signed one."""
    found = await rules_in_force(unit, [kind])
    return found.get(kind) or InForce(None, kind, 0, FIRST_RULE, "", None)


_LISTS = """
SELECT DISTINCT kind FROM waiting_entry
WHERE request_id = $1 AND state NOT IN ('lapsed', 'placed', 'withdrawn') ORDER BY kind
"""


async def rules_of_request(unit: Unit, request_id: int) -> list[InForce]:
    """The rules that order the lists a demande stands on, for its household to read."""
    kinds = [r["kind"] for r in await unit.fetch(_LISTS, request_id)]
    found = await rules_in_force(unit, kinds) if kinds else {}
    return [found.get(kind) or InForce(None, kind, 0, FIRST_RULE, "", None) for kind in kinds]


async def versions(unit: Unit, kind: str | None = None) -> list[Version]:
    """Every signed rule of a list (of all lists), the newest first."""
    rows = await unit.fetch(_VERSIONS, kind)
    governing = await unit.fetch(_IN_FORCE, unit.today, [kind] if kind else None)
    now = {r["kind"]: r["id"] for r in governing}
    return [_version(row, unit.today, now.get(row["kind"])) for row in rows]


def _version(row: Mapping[str, Any], today: date, governing: int | None) -> Version:
    try:
        rule: Rule | None = rule_of(row["keys"])
    except Refused:
        rule = None
    ordered = row["applied_at"] is not None or row["version"] == 1
    if row["id"] == governing:
        standing = "in_force"
    elif ordered and row["starts_on"] <= today:
        standing = "replaced"
    else:
        standing = "coming" if row["ends_on"] is None else "never"
    return Version(
        id=row["id"],
        kind=row["kind"],
        version=row["version"],
        rule=rule,
        text=row["text"],
        why=row["why"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        applied_at=row["applied_at"],
        signed_at=row["signed_at"],
        signed_by=row["signer"] or "",
        drafted_by=row["drafter"] or "",
        standing=standing,
    )


async def version_of(unit: Unit, rule_id: int) -> Version:
    """One signed rule. Raises NotFound."""
    kind = await unit.value("SELECT kind FROM ranking_rule WHERE id = $1", rule_id)
    found = [v for v in await versions(unit, kind) if v.id == rule_id] if kind else []
    if not found:
        raise NotFound()
    return found[0]


async def drafts(unit: Unit, kind: str | None = None) -> dict[str, Draft]:
    """The open draft of each list that has one."""
    return {
        r["kind"]: Draft(
            id=r["id"],
            kind=r["kind"],
            rule=rule_of(r["keys"]),
            text=r["text"],
            why=r["why"],
            seed=r["seed"],
            version=r["version"],
            made_by=r["author"] or "",
            made_at=r["made_at"],
        )
        for r in await unit.fetch(_DRAFT, kind)
    }


async def draft_of(unit: Unit, kind: str) -> Draft:
    """The open draft of a list. Raises NotFound."""
    found = (await drafts(unit, kind)).get(kind)
    if found is None:
        raise NotFound()
    return found
