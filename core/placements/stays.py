"""Stays: moving in, an emergency admission told to the SIAO, leaving, and a mistake undone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.households.service import set_situation
from core.housing.kinds import LEASE_KINDS
from core.housing.service import awaits_household, declare_vacancy, vacancy_step
from core.kernel.dates import add_months
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.referrals import lock_referral
from core.placements.rules import PLACEMENT
from core.requests.service import step
from core.territories.codes import code_list

LATER = N_("Cette date est à venir : notez-la le jour venu.")


async def move_in(
    unit: Unit,
    referral_id: int,
    *,
    on: date,
    lease_kind: str | None = None,
    double: bool = False,
    leave: int | None = None,
) -> int:
    """An admitted household enters; the id of the stay. The demande closes.

    Where it still has another stay: `leave` is the exit code that ends it the same day, `double`
    declares that both go on.
    """
    unit.require("placements.record")
    row = await lock_referral(unit, referral_id)
    _own_place(unit, row["organisation_id"])
    if row["state"] != "admitted" or row["moved_in"]:
        raise Refused(N_("L’admission n’est pas prononcée, ou l’entrée est déjà notée."))
    placement_id = await _enter(
        unit,
        unit_id=row["unit_id"],
        household_id=row["household_id"],
        request_id=row["request_id"],
        referral_id=referral_id,
        kind=row["programme_kind"],
        on=on,
        lease_kind=lease_kind,
        double=double,
        leave=leave,
    )
    with unit.consequence():
        await step(unit, row["request_id"], "close", facts={"moved_in": True})
    return placement_id


async def place_directly(
    unit: Unit,
    unit_id: int,
    household_id: int,
    *,
    on: date,
    told_on: date | None,
    why: str,
    lease_kind: str | None = None,
    double: bool = False,
    leave: int | None = None,
) -> int:
    """An emergency admission by the structure, without the SIAO, which is told (CASF R345-4).

    The household's demande, if it has one, goes on: an emergency stay is not what it asked for.
    """
    unit.require("placements.record")
    wrong = {}
    if not why.strip():
        wrong["why"] = N_("Seule l’urgence permet d’admettre sans le SIAO.")
    if told_on is None:
        wrong["told_on"] = N_("Le SIAO doit être informé de cette admission.")
    if wrong:
        raise Invalid(wrong)
    vacancy = await unit.row(
        "SELECT id, kind FROM vacancy WHERE unit_id = $1 "
        "AND state IN ('declared', 'held', 'frozen')",
        unit_id,
    )
    if vacancy is None:
        vacancy_id = await declare_vacancy(unit, unit_id, free_on=on)
    else:
        vacancy_id = vacancy["id"]
    await vacancy_step(
        unit,
        vacancy_id,
        "fill_directly",
        facts={"emergency": True, "siao_told": True},
        reason=why,
        household_id=household_id,
    )
    kind = await unit.value("SELECT kind FROM vacancy WHERE id = $1", vacancy_id)
    placement_id = await _enter(
        unit,
        unit_id=unit_id,
        household_id=household_id,
        request_id=None,
        referral_id=None,
        kind=kind,
        on=on,
        lease_kind=lease_kind,
        double=double,
        leave=leave,
    )
    unit.record(
        "placement.direct",
        household_id=household_id,
        subject=("placement", placement_id),
        told_on=told_on.isoformat() if told_on else None,
    )
    return placement_id


async def _enter(
    unit: Unit,
    *,
    unit_id: int,
    household_id: int,
    request_id: int | None,
    referral_id: int | None,
    kind: str,
    on: date,
    lease_kind: str | None,
    double: bool,
    leave: int | None,
) -> int:
    if on > unit.today:
        raise Invalid({"on": LATER})
    terms = await unit.row(
        "SELECT lease_kind, stay_months_max FROM housing_kind WHERE code = $1 "
        "AND starts_on <= $2 AND (ends_on IS NULL OR ends_on > $2)",
        kind,
        on,
    )
    lease = lease_kind or (terms["lease_kind"] if terms else "sejour")
    if lease not in LEASE_KINDS:
        raise Invalid({"lease_kind": N_("Choisissez une réponse de la liste.")})
    others = await unit.fetch(
        "SELECT id FROM placement WHERE household_id = $1 AND state = 'present' "
        "AND (ends_on IS NULL OR ends_on > $2) ORDER BY id FOR UPDATE",
        household_id,
        on,
    )
    if leave is not None:
        for other in others:
            with unit.consequence():
                await exit_stay(unit, other["id"], on=on, exit_code=leave)
        others = []
    taken = await unit.value(
        "SELECT 1 FROM placement WHERE unit_id = $1 AND state <> 'cancelled' "
        "AND (ends_on IS NULL OR ends_on > $2)",
        unit_id,
        on,
    )
    facts = {"date": True, "unit_free": not taken, "no_other_placement": double or not others}
    transition = PLACEMENT.apply(PLACEMENT.start, "move_in", facts)
    months = terms["stay_months_max"] if terms else None
    placement_id = await unit.value(
        "INSERT INTO placement (ref, unit_id, household_id, referral_id, request_id, state, "
        "lease_kind, kind, starts_on, due_on, double, created_at, created_by) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id",
        new_ref(), unit_id, household_id, referral_id, request_id, transition.target, lease, kind,
        on, add_months(on, months) if months else None, double and bool(others), unit.now,
        unit.actor.account_id,
    )  # fmt: skip
    await _trace(unit, placement_id, "plan", PLACEMENT.start)
    await _trace(unit, placement_id, transition.verb, transition.target, on=on)
    subject = ("placement", placement_id)
    unit.record(transition.event, household_id=household_id, subject=subject, on=on.isoformat())
    await _settle_people(unit, household_id, kind, on)
    if double and others:
        unit.record("placement.declared_double", household_id=household_id, subject=subject)
    return int(placement_id)


SITUATIONS = {
    "chrs": 31, "chu": 32, "stabilisation": 33, "rhvs": 34, "alt": 39, "residence_sociale": 43,
    "fjt": 40, "rhj": 40, "pension_de_famille": 41, "residence_accueil": 41, "iml_mandat": 51,
    "iml_sous_location": 51, "bail_glissant": 51, "logement_social": 38, "lhss": 27, "lam": 27,
}  # fmt: skip
"""The SI-SIAO residential situation of who lives in each shipped kind; a kind that a territory
adds says nothing of it, so the situation is left for a person to note."""


async def _settle_people(unit: Unit, household_id: int, kind: str, on: date) -> None:
    """Where each member lives changes with the entry; a child in shared custody has two homes."""
    code = SITUATIONS.get(kind)
    if code is None:
        return
    people = await unit.fetch(
        "SELECT person_id FROM membership WHERE household_id = $1 AND NOT shared_custody "
        "AND starts_on <= $2 AND (ends_on IS NULL OR ends_on > $2) ORDER BY id",
        household_id,
        unit.today,
    )
    with unit.consequence():
        for row in people:
            await set_situation(unit, row["person_id"], code, starts_on=on, source="séjour")


async def exit_stay(
    unit: Unit, placement_id: int, *, on: date, exit_code: int, words: str = ""
) -> None:
    """The household leaves, for where `exit_code` (SI-SIAO's list) says."""
    unit.require("placements.record")
    row = await _lock_stay(unit, placement_id)
    known = {item.id for item in code_list("exit").items}
    if exit_code not in known:
        raise Invalid({"exit_code": N_("Indiquez où va le ménage.")})
    if on > unit.today:
        raise Invalid({"on": LATER})
    if on < row["starts_on"]:
        raise Invalid({"on": N_("La sortie ne peut pas précéder l’entrée.")})
    facts = {"date": True, "dates_in_order": True, "exit_code": True}
    transition = PLACEMENT.apply(row["state"], "exit", facts)
    await unit.fetch(
        "UPDATE placement SET state = $2, ends_on = $3, exit_code = $4, exit_words = $5 "
        "WHERE id = $1",
        placement_id,
        transition.target,
        on,
        exit_code,
        words,
    )
    await _trace(
        unit, placement_id, transition.verb, transition.target, words, on=on, exit_code=exit_code
    )
    unit.record(
        transition.event,
        household_id=row["household_id"],
        subject=("placement", placement_id),
        on=on.isoformat(),
        exit_code=exit_code,
    )


async def undo_exit(unit: Unit, placement_id: int, *, reason: str) -> None:
    """An exit noted by mistake is taken back; the place must still be free.

    The stay goes on, and the exit stays in its history as it was noted, with who took it back.
    """
    unit.require("placements.record")
    row = await _lock_stay(unit, placement_id)
    if not reason.strip():
        raise Invalid({"reason": N_("Indiquez un motif.")})
    busy = await unit.value(
        "SELECT 1 FROM placement WHERE unit_id = $1 AND id <> $2 AND state <> 'cancelled' "
        "AND (ends_on IS NULL OR ends_on > $3) UNION ALL "
        "SELECT 1 FROM vacancy WHERE unit_id = $1 AND state IN ('declared', 'held', 'frozen')",
        row["unit_id"],
        placement_id,
        row["starts_on"],
    )
    other = await unit.value(
        "SELECT 1 FROM placement WHERE household_id = $1 AND id <> $2 AND state <> 'cancelled' "
        "AND NOT double AND (ends_on IS NULL OR ends_on > $3)",
        row["household_id"],
        placement_id,
        row["ends_on"],
    )
    busy = busy or await awaits_household(unit, row["unit_id"])
    facts = {"reason": True, "unit_free": not busy, "no_other_placement": not other}
    transition = PLACEMENT.apply(row["state"], "undo_exit", facts)
    await unit.fetch(
        "UPDATE placement SET state = $2, ends_on = NULL, exit_code = NULL, exit_words = '' "
        "WHERE id = $1",
        placement_id,
        transition.target,
    )
    await _trace(unit, placement_id, transition.verb, transition.target, reason)
    unit.record(
        transition.event,
        household_id=row["household_id"],
        subject=("placement", placement_id),
    )


def _own_place(unit: Unit, organisation_id: int) -> None:
    if not unit.scope("placements.record").runs(organisation_id):
        raise NotFound()


async def _lock_stay(unit: Unit, placement_id: int) -> Mapping[str, Any]:
    row = await unit.row(
        "SELECT s.*, p.organisation_id FROM placement s "
        "JOIN housing_unit u ON u.territory_id = s.territory_id AND u.id = s.unit_id "
        "JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id "
        "WHERE s.id = $1 FOR UPDATE OF s",
        placement_id,
    )
    if row is None:
        raise NotFound()
    _own_place(unit, row["organisation_id"])
    return row


async def _trace(
    unit: Unit,
    placement_id: int,
    verb: str,
    state: str,
    words: str = "",
    *,
    on: date | None = None,
    exit_code: int | None = None,
) -> None:
    await unit.fetch(
        "INSERT INTO placement_state (placement_id, verb, state, at, by, words, on_date, "
        "exit_code) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        placement_id,
        verb,
        state,
        unit.now,
        unit.actor.account_id,
        words,
        on,
        exit_code,
    )
