"""Stays begin: moving in, or an emergency admission told to the SIAO."""

from __future__ import annotations

from datetime import date

from core.households.service import set_situation
from core.housing.kinds import LEASE_KINDS
from core.housing.service import declare_vacancy, vacancy_step
from core.kernel.dates import add_months
from core.kernel.errors import Invalid, Refused
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.leaving import LATER, exit_stay, own_place, trace
from core.placements.referrals import lock_referral
from core.placements.rules import PLACEMENT
from core.requests.service import step


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
    own_place(unit, row["organisation_id"])
    if row["state"] != "admitted" or row["moved_in"]:
        raise Refused(N_("L’admission n’est pas prononcée, ou l’entrée est déjà notée."))
    placement_id = await begin_stay(
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
    It takes somebody who may read every file: a structure declares it (`emergency.py`).
    """
    unit.require("placements.confirm")
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
    placement_id = await begin_stay(
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


async def begin_stay(
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
    """A household is in a place from a day on; the id of the stay.

    The place is taken out of what is free by the caller, whose act it is.
    """
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
    await trace(unit, placement_id, "plan", PLACEMENT.start)
    await trace(unit, placement_id, transition.verb, transition.target, on=on)
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
