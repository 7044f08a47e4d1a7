"""An emergency admission that a structure declares, until the SIAO ties it to a household's file.

A structure that admits without the SIAO has no tie yet with whom it takes in. It says a number and
a date of birth, and is answered the same whether a file has them or not: only the SIAO looks.
Source: CASF R345-4 (emergency, then the SIAO is told); security.md, a structure sees a subset after
a referral.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from core.housing.service import awaits_household, vacancy_step
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.stays import LATER, place_directly

CONFIRM = "placements.confirm"
STATES = {
    "waiting": N_("À confirmer par le SIAO"),
    "confirmed": N_("Confirmée"),
    "set_aside": N_("Écartée par le SIAO"),
}
TAKEN = N_("Cette place n’est pas libre : voyez avec le SIAO.")
SETTLED = N_("Cette déclaration est déjà traitée.")
RECENT = timedelta(days=30)
"""How long a settled declaration stays on the list."""


async def declare_emergency(
    unit: Unit,
    unit_id: int,
    *,
    number: str,
    birth: date | None,
    on: date,
    told_on: date | None,
    why: str,
) -> int:
    """Somebody was taken in without the SIAO, which is told. The place is offered to no one else.

    `number` is what the person or its papers say: a file's reference or a SI-SIAO number. It is
    kept as typed and compared with nothing here.
    """
    unit.require("placements.record")
    wrong = {}
    if not number.strip():
        wrong["number"] = N_("Indiquez le numéro que la personne vous donne.")
    if birth is None:
        wrong["birth"] = N_("Indiquez la date de naissance.")
    if not why.strip():
        wrong["why"] = N_("Seule l’urgence permet d’admettre sans le SIAO.")
    if told_on is None:
        wrong["told_on"] = N_("Le SIAO doit être informé de cette admission.")
    if on > unit.today:
        wrong["on"] = LATER
    if wrong:
        raise Invalid(wrong)
    place = await unit.row(
        "SELECT p.organisation_id, u.closed_on, EXISTS (SELECT 1 FROM placement s "
        "  WHERE s.unit_id = u.id AND s.state IN ('planned', 'present') "
        "  AND (s.ends_on IS NULL OR s.ends_on > $2)) AS occupied FROM housing_unit u "
        "JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id "
        "WHERE u.id = $1 FOR UPDATE OF u",
        unit_id,
        on,
    )
    if place is None or not unit.scope("placements.record").runs(place["organisation_id"]):
        raise NotFound()
    closed = place["closed_on"] is not None and place["closed_on"] <= on
    if closed or place["occupied"] or await awaits_household(unit, unit_id):
        raise Refused(TAKEN)
    vacancy = await _open_vacancy(unit, unit_id)
    if vacancy is not None:
        if vacancy["state"] == "held":
            raise Refused(TAKEN)
        if vacancy["state"] == "declared":
            with unit.consequence():
                await vacancy_step(unit, vacancy["id"], "freeze", reason=why)
    made = await unit.value(
        "INSERT INTO emergency_admission (ref, unit_id, number, birth, starts_on, told_on, why, "
        "state, declared_by, declared_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9) "
        "RETURNING id",
        new_ref(), unit_id, number.strip(), birth, on, told_on, why.strip(),
        unit.actor.account_id, unit.now,
    )  # fmt: skip
    unit.record("emergency.declared", subject=("emergency_admission", made))
    return int(made)


async def confirm_emergency(
    unit: Unit, admission_id: int, household_id: int, *, double: bool = False
) -> int:
    """The SIAO says whose file it is: the stay begins on the day that was declared."""
    unit.require(CONFIRM)
    row = await _lock(unit, admission_id)
    vacancy = await _open_vacancy(unit, row["unit_id"])
    if vacancy is not None and vacancy["state"] == "frozen":
        await vacancy_step(unit, vacancy["id"], "unfreeze")
    stay = await place_directly(
        unit, row["unit_id"], household_id, on=row["starts_on"], told_on=row["told_on"],
        why=row["why"], double=double,
    )  # fmt: skip
    await _settle(unit, admission_id, "confirmed", "", household_id, stay)
    unit.record(
        "emergency.confirmed", household_id=household_id,
        subject=("emergency_admission", admission_id),
    )  # fmt: skip
    return stay


async def set_emergency_aside(unit: Unit, admission_id: int, *, words: str) -> None:
    """The SIAO does not follow: the place is free again, the structure reads why."""
    unit.require(CONFIRM)
    if not words.strip():
        raise Invalid({"words": N_("Indiquez un motif.")})
    row = await _lock(unit, admission_id)
    vacancy = await _open_vacancy(unit, row["unit_id"])
    if vacancy is not None and vacancy["state"] == "frozen":
        await vacancy_step(unit, vacancy["id"], "unfreeze")
    await _settle(unit, admission_id, "set_aside", words.strip(), None, None)
    unit.record("emergency.set_aside", subject=("emergency_admission", admission_id))


async def _open_vacancy(unit: Unit, unit_id: int) -> Any:
    return await unit.row(
        "SELECT id, state FROM vacancy WHERE unit_id = $1 "
        "AND state IN ('declared', 'held', 'frozen')",
        unit_id,
    )


async def _lock(unit: Unit, admission_id: int) -> Any:
    row = await unit.row("SELECT * FROM emergency_admission WHERE id = $1 FOR UPDATE", admission_id)
    if row is None:
        raise NotFound()
    if row["state"] != "waiting":
        raise Refused(SETTLED)
    return row


async def _settle(
    unit: Unit, admission_id: int, state: str, words: str, household: int | None, stay: int | None
) -> None:
    await unit.fetch(
        "UPDATE emergency_admission SET state = $2, words = $3, household_id = $4, "
        "placement_id = $5, settled_by = $6, settled_at = $7 WHERE id = $1",
        admission_id, state, words, household, stay, unit.actor.account_id, unit.now,
    )  # fmt: skip


# -- reads -------------------------------------------------------------------------------------

_READ = """
SELECT e.*, u.label, u.ref AS unit_ref, g.name AS programme, a.name AS declared_by_name,
       s.ref AS stay_ref
FROM emergency_admission e
JOIN housing_unit u ON u.territory_id = e.territory_id AND u.id = e.unit_id
JOIN programme g ON g.territory_id = u.territory_id AND g.id = u.programme_id
LEFT JOIN account a ON a.id = e.declared_by
LEFT JOIN placement s ON s.territory_id = e.territory_id AND s.id = e.placement_id
WHERE ($1::bigint[] IS NULL OR g.organisation_id = ANY($1))
"""


async def emergencies(unit: Unit) -> list[Any]:
    """What waits, and what was settled of late, for those who run the place and for the SIAO."""
    return await unit.fetch(
        _READ + "AND (e.state = 'waiting' OR e.settled_at > $2) "
        "ORDER BY e.state <> 'waiting', e.id DESC LIMIT 50",
        unit.scope("placements.record").over_places,
        unit.now - RECENT,
    )


async def emergency(unit: Unit, ref: str) -> Any:
    """One declaration, for the SIAO alone."""
    unit.require(CONFIRM)
    row = await unit.row(_READ + "AND e.ref = $2", None, ref)
    if row is None:
        raise NotFound()
    return row


_ALIKE = """
SELECT h.id, h.ref, bool_or(p.birth = $2) AS same_birth,
       (array_agg(p.family_name || ' ' || p.given_name ORDER BY m.role <> 'main', m.id))[1] AS name
FROM household h JOIN membership m ON m.territory_id = h.territory_id AND m.household_id = h.id
JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
WHERE h.merged_into IS NULL AND (m.ends_on IS NULL OR m.ends_on > $3) AND h.id IN (
  SELECT id FROM household WHERE ref = upper($1) OR external_no = $1
  UNION SELECT household_id FROM housing_request WHERE ref = upper($1) OR external_no = $1
  UNION SELECT x.household_id FROM membership x JOIN person y ON y.id = x.person_id
        WHERE y.ref = upper($1) OR y.external_no = $1)
GROUP BY h.id, h.ref ORDER BY same_birth DESC NULLS LAST, h.id LIMIT 10
"""


async def files_alike(unit: Unit, number: str, birth: date) -> list[Any]:
    """The files that have this number, with whether somebody in them was born that day."""
    unit.require(CONFIRM)
    return await unit.fetch(_ALIKE, number, birth, unit.today)
