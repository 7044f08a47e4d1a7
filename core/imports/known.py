"""What the base already knows of the demandes of a chunk: a constant number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from core.extension.permissions import TEAM
from core.households.names import search_key
from core.imports.keys import fold
from core.imports.settled_names import settled
from core.imports.targets import Target
from core.kernel.unit import Unit
from core.territories.queries import settings_on

Identity = tuple[str, str, date | None]


@dataclass(frozen=True, slots=True)
class Named:
    """A worker that a file may name, and as what they may answer for a household."""

    account_id: int
    role: str
    organisation_id: int | None


@dataclass(slots=True)
class Surroundings:
    """What does not change during a run: who works here, where communes lie, the settings."""

    organisations: dict[str, int]
    workers: dict[str, Named | None]
    sectors: dict[str, int | None]
    refresh_months: int
    portfolios: bool
    nobody: frozenset[str] = frozenset()
    """Prescribers of which somebody has said that they are no organisation of this territory."""

    def unknown(self, target: Target) -> Iterable[tuple[str, str]]:
        """The names of a demande (kind, as written) that mean nothing here yet."""
        if target.commune and search_key(target.commune) not in self.sectors:
            yield "commune", target.commune
        key = search_key(target.prescriber) if target.prescriber else ""
        if target.prescriber and key not in self.organisations and key not in self.nobody:
            yield "prescriber", target.prescriber


@dataclass(slots=True)
class KnownPerson:
    """A person of the base that a row may be."""

    id: int
    family: str
    given: str
    birth: date | None
    households: tuple[int, ...] = ()

    @property
    def identity(self) -> Identity:
        return fold(self.family), fold(self.given), self.birth


@dataclass(slots=True)
class KnownHousehold:
    """A household of the base under the file's group number."""

    id: int
    has_open: bool
    people: tuple[int, ...]


@dataclass(slots=True)
class Known:
    """What stands in the base for a chunk, by the file's own numbers."""

    demandes: dict[str, Mapping[str, Any]]
    requests: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    households: dict[str, list[KnownHousehold]] = field(default_factory=dict)
    people: dict[str, KnownPerson] = field(default_factory=dict)
    born: dict[date, list[KnownPerson]] = field(default_factory=dict)


async def surroundings(unit: Unit) -> Surroundings:
    """Read once per run."""
    organisations = {
        search_key(r["name"]): r["id"]
        for r in await unit.fetch(
            "SELECT o.id, o.name FROM organisation o JOIN territory_organisation t "
            "ON t.organisation_id = o.id WHERE t.ends_on IS NULL OR t.ends_on > $1",
            unit.today,
        )
    }
    workers: dict[str, Named | None] = {}
    for r in await unit.fetch(
        "SELECT DISTINCT ON (a.id) a.id, a.name, g.role, g.organisation_id FROM account a "
        "JOIN role_grant g ON g.account_id = a.id WHERE a.disabled_at IS NULL "
        "AND g.role = ANY($2) AND g.starts_on <= $1 AND (g.ends_on IS NULL OR g.ends_on > $1) "
        "ORDER BY a.id, g.role",
        unit.today,
        sorted(TEAM | {"prescriber"}),
    ):
        role = "siao" if r["role"] in TEAM else "prescriber"
        named = Named(r["id"], role, r["organisation_id"] if role == "prescriber" else None)
        for key in _ways_to_write(r["name"]):
            # two workers under one spelling: nobody is named by it
            workers[key] = None if key in workers else named
    sectors: dict[str, int | None] = {}
    nobody: set[str] = set()
    for r in await unit.fetch(
        "SELECT search_key, array_agg(sector_id ORDER BY communes, sector_id) AS ids, "
        "array_agg(communes ORDER BY communes, sector_id) AS sizes FROM ("
        "SELECT DISTINCT a.search_key, s.sector_id, (SELECT count(*) FROM sector_area o "
        "WHERE o.sector_id = s.sector_id) AS communes FROM area a "
        "JOIN sector_area s ON s.area_id = a.id) AS lies GROUP BY search_key"
    ):
        # Sectors overlap: the smallest that holds the commune is meant; of two as small, none is.
        alike = len(r["sizes"]) > 1 and r["sizes"][0] == r["sizes"][1]
        sectors[r["search_key"]] = None if alike else r["ids"][0]
    for r in await settled(unit):
        if r["kind"] == "commune":
            sectors[r["key"]] = r["sector_id"]
        elif r["organisation_id"] is None:
            nobody.add(r["key"])
        else:
            organisations[r["key"]] = r["organisation_id"]
    settings = await settings_on(unit, unit.today)
    months = settings.get("refresh_months")
    portfolios = await unit.value(
        "SELECT EXISTS (SELECT 1 FROM portfolio WHERE starts_on <= $1 "
        "AND (ends_on IS NULL OR ends_on > $1))",
        unit.today,
    )
    return Surroundings(
        organisations, workers, sectors, months if isinstance(months, int) else 6,
        bool(portfolios), frozenset(nobody),
    )  # fmt: skip


def _ways_to_write(name: str) -> Iterable[str]:
    """`Claire Tavelin`: also `Tavelin Claire`, `C. Tavelin`."""
    words = search_key(name).split()
    if len(words) < 2:
        return [" ".join(words)] if words else []
    given, family = words[0], " ".join(words[1:])
    return {f"{given} {family}", f"{family} {given}", f"{given[0]} {family}"}


async def imported(unit: Unit, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """What earlier readings left for these demandes, by key."""
    rows = await unit.fetch(
        "SELECT id, key, request_id, household_id, digest, run_id FROM imported_demande "
        "WHERE key = ANY($1::text[])",
        keys,
    )
    return {r["key"]: r for r in rows}


async def read_known(
    unit: Unit,
    targets: Sequence[Target],
    demandes: dict[str, Mapping[str, Any]],
    *,
    before: datetime,
) -> Known:
    """What stands for the demandes that have changed or are new.

    `before`: people recorded since then are this run's own, compared within the file already.
    """
    known = Known(demandes)
    fresh = [one for one in targets if one.key not in demandes]
    if not fresh:
        return known
    numbers = [one.request_no for one in fresh if one.request_no]
    for r in await unit.fetch(_REQUESTS, numbers):
        known.requests[r["external_no"]] = r
    groups = [one.group_no for one in fresh if one.group_no]
    for r in sorted(await unit.fetch(_HOUSEHOLDS, groups, unit.today), key=itemgetter("id")):
        known.households.setdefault(r["external_no"], []).append(
            KnownHousehold(r["id"], r["has_open"], tuple(r["people"] or ()))
        )
    people = [p.external_no for one in targets for p in one.people if p.external_no]
    found = await unit.fetch(_PEOPLE, people, unit.today)
    # of two people under one number, the one recorded first is meant
    for r in sorted(found, key=itemgetter("id"), reverse=True):
        known.people[r["external_no"]] = _person(r, tuple(r["households"] or ()))
    births = sorted({p.key[2] for one in fresh for p in one.people if p.key[2]})
    born: dict[date, list[KnownPerson]] = defaultdict(list)
    for r in await unit.fetch(_BORN, births, before):
        born[r["birth"]].append(_person(r))
    known.born = dict(born)
    return known


def _person(row: Mapping[str, Any], households: tuple[int, ...] = ()) -> KnownPerson:
    return KnownPerson(row["id"], row["family_name"], row["given_name"], row["birth"], households)


# One probe of an index for each number, whatever the statistics say: `= ANY` or an ORDER BY let the
# planner walk all of a territory along another index.
_REQUESTS = """
SELECT r.id, r.external_no, r.household_id
FROM (SELECT DISTINCT no FROM unnest($1::text[]) AS n(no)) n CROSS JOIN LATERAL (
  SELECT id, external_no, household_id FROM housing_request WHERE external_no = n.no OFFSET 0) r
"""

_HOUSEHOLDS = """
SELECT h.id, h.external_no,
  EXISTS (SELECT 1 FROM housing_request r WHERE r.household_id = h.id
          AND r.state NOT IN ('closed', 'cancelled', 'refused')) AS has_open,
  (SELECT array_agg(m.person_id) FROM membership m WHERE m.household_id = h.id
     AND m.starts_on <= $2 AND (m.ends_on IS NULL OR m.ends_on > $2)) AS people
FROM (SELECT DISTINCT no FROM unnest($1::text[]) AS n(no)) n CROSS JOIN LATERAL (
  SELECT id, external_no FROM household
  WHERE external_no = n.no AND archived_on IS NULL AND merged_into IS NULL OFFSET 0) h
"""

_PEOPLE = """
SELECT p.id, p.external_no, p.family_name, p.given_name, p.birth,
  (SELECT array_agg(m.household_id) FROM membership m WHERE m.person_id = p.id
     AND m.starts_on <= $2 AND (m.ends_on IS NULL OR m.ends_on > $2)) AS households
FROM (SELECT DISTINCT no FROM unnest($1::text[]) AS n(no)) n CROSS JOIN LATERAL (
  SELECT id, external_no, family_name, given_name, birth FROM person
  WHERE external_no = n.no AND merged_into IS NULL OFFSET 0) p
"""

_BORN = """
SELECT p.id, p.family_name, p.given_name, p.birth
FROM unnest($1::date[]) AS b(birth) CROSS JOIN LATERAL (
  SELECT id, family_name, given_name, birth FROM person
  WHERE person.birth = b.birth AND created_at < $2 AND merged_into IS NULL
  ORDER BY id DESC LIMIT 400) p
"""
