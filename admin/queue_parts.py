"""What a work queue is, and the pieces that their SQL is made of."""

from __future__ import annotations

from dataclasses import dataclass

from core.households.scope import visible
from core.kernel.unit import Unit
from core.kernel.words import N_

SEEN = visible("h.id", "$1", "$2")
OWN_PROGRAMME = "($1::bigint[] IS NULL OR g.organisation_id = ANY($1::bigint[]))"
OF_REQUEST = "FROM housing_request r JOIN household h ON h.id = r.household_id"
OF_REFERRAL = "FROM referral o JOIN household h ON h.id = o.household_id"
TO_PROGRAMME = (
    "JOIN vacancy v ON v.id = o.vacancy_id JOIN housing_unit u ON u.id = v.unit_id "
    "JOIN programme g ON g.id = u.programme_id"
)
FILE_PATH = "'/menages/' || h.ref"
REQUEST_PATH = "'/demandes/' || r.ref"
REFERRAL_PATH = "'/orientations/' || o.ref"
FOLLOWED = """EXISTS (SELECT 1 FROM key_worker k WHERE k.household_id = q.household_id
  AND k.account_id = $3 AND k.starts_on <= $2 AND (k.ends_on IS NULL OR k.ends_on > $2))"""
OF_MY_SECTORS = """EXISTS (SELECT 1 FROM portfolio f JOIN household n ON n.id = q.household_id
  AND n.sector_id = f.sector_id WHERE f.account_id = $3 AND f.starts_on <= $2
  AND (f.ends_on IS NULL OR f.ends_on > $2))"""


@dataclass(frozen=True)
class Queue:
    """Things that wait. `sql` gives id, household_id, path, due, note, over $1 the organisations
    whose files, or whose places (`over`), the permission opens (null: all), $2 today, $3 the
    actor, $4 the days within which a key worker is named."""

    key: str
    label: str
    group: str
    permission: str
    sql: str
    tone: str = "info"
    nothing: str = N_("Rien n’attend ici.")
    over: str = "files"
    quiet: bool = False
    """Shown only while something waits."""
    mine: str = FOLLOWED
    """Whether a row `q` is among the actor's own files ($3, $2 as above); "" for what is nobody's
    file, and "true" for what is theirs already."""

    def bound(self, unit: Unit, place: str) -> tuple[str, list[int] | None]:
        """The SQL with the organisations of the actor's right at `place`, and those."""
        scope = unit.scope(self.permission)
        own = scope.over_places if self.over == "places" else scope.over_files
        return self.sql.replace("$1::", f"{place}::"), own

    def narrowed(self, sql: str, mine: bool) -> str:
        """`sql` with the rows of the actor's own files only, when that is asked."""
        return f"SELECT q.* FROM ({sql}) q WHERE {self.mine}" if mine else sql  # noqa: S608


REQUESTS, PLACES, PEOPLE, DATA = (
    N_("Demandes"),
    N_("Places et orientations"),
    N_("Personnes"),
    N_("Données"),
)
