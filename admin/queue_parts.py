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

    def bound(self, unit: Unit, place: str) -> tuple[str, list[int] | None]:
        """The SQL with the organisations of the actor's right at `place`, and those."""
        scope = unit.scope(self.permission)
        own = scope.over_places if self.over == "places" else scope.over_files
        return self.sql.replace("$1::", f"{place}::"), own


REQUESTS, PLACES, PEOPLE, DATA = (
    N_("Demandes"),
    N_("Places et orientations"),
    N_("Personnes"),
    N_("Données"),
)
