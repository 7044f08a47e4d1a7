"""Verbs of organisations and programmes: registered, opened, changed, of another kind in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from core.households.names import search_key
from core.housing.kinds import shipped_kinds
from core.housing.rules import KindChange, Occupant, plan_kind_change
from core.kernel.edits import change_row
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_

SINCE = date(2000, 1, 1)
"""Shipped kinds hold from before any date this platform knows."""


async def seed_kinds(unit: Unit, *, starts_on: date = SINCE) -> int:
    """Give the territory the shipped kinds of housing, its own from then on. How many were new."""
    rows = await unit.fetch(
        "SELECT DISTINCT code FROM housing_kind WHERE code = ANY($1)", list(shipped_kinds())
    )
    known = {r["code"] for r in rows}
    new = [k for code, k in shipped_kinds().items() if code not in known]
    await unit.connection.executemany(
        "INSERT INTO housing_kind (code, label, label_en, plain, device, audience, contract, stay, "
        "stay_months_max, review_months, unit_counted, lease_kind, decides, "
        "lawful_stay_required, source, starts_on, age_min, age_max, effort_percent_max, "
        "number_required) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
        "$15, $16, $17, $18, $19, $20)",
        [
            (
                k.code, k.label, k.label_en, k.plain, k.device, k.audience, k.contract, k.stay,
                k.stay_months_max, k.review_months, k.unit_counted, k.lease_kind, k.decides,
                k.lawful_stay_required, k.source, starts_on, k.age_min, k.age_max,
                k.effort_percent_max, k.number_required,
            )
            for k in new
        ],
    )  # fmt: skip
    return len(new)


async def register_organisation(
    unit: Unit, *, name: str, kind: str, phone: str = "", email: str = "", address: str = ""
) -> int:
    """An organisation at work in this territory.

    Organisations are shared: one of that name and kind that works elsewhere is the same one. Its
    contact is this territory's own.
    """
    unit.require("housing.write")
    name = " ".join(name.split())
    if not name:
        raise Invalid({"name": N_("Indiquez un nom.")})
    key = search_key(name)
    known = await unit.value(
        "SELECT id FROM organisation WHERE search_key = $1 AND kind = $2 ORDER BY id", key, kind
    )
    if known is None:
        known = await unit.value(
            "INSERT INTO organisation (kind, name, search_key, created_at) "
            "VALUES ($1, $2, $3, $4) RETURNING id",
            kind,
            name,
            key,
            unit.now,
        )
    linked = await unit.value(
        "INSERT INTO territory_organisation (organisation_id, phone, email, address, starts_on) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (territory_id, organisation_id) DO NOTHING "
        "RETURNING id",
        known,
        phone,
        email,
        address,
        unit.today,
    )
    if linked is None:
        raise Invalid({"name": N_("Cette organisation est déjà dans le territoire.")})
    unit.record("organisation.registered", subject=("organisation", known))
    return int(known)


CONTACT = ("phone", "email", "address")


async def change_contact(unit: Unit, organisation_id: int, version: int, **fields: Any) -> None:
    """How to reach an organisation here; `version` is the one that was read.

    Raises Conflict with what stands now when somebody else changed the same since.
    """
    unit.require("housing.write")
    found = await unit.value(
        "SELECT id FROM territory_organisation WHERE organisation_id = $1", organisation_id
    )
    if found is None:
        raise NotFound()
    changed = await change_row(unit, "territory_organisation", found, version, fields, CONTACT)
    if changed:
        unit.record(
            "organisation.contact_changed",
            subject=("organisation", organisation_id),
            fields=sorted(changed),
        )


async def open_programme(
    unit: Unit,
    organisation_id: int,
    *,
    name: str,
    kind: str,
    area_id: int | None = None,
    address: str = "",
    phone: str = "",
    description: str = "",
    house_rules: str = "",
    animals: int | None = None,
    audience: Sequence[str] = (),
    compositions: Sequence[int] = (),
    age_min: int | None = None,
    age_max: int | None = None,
    support: int | None = None,
    opened_on: date | None = None,
) -> int:
    """A programme of an organisation, of a kind from its first day. `animals`: four answers.

    Whom it takes: `compositions` (SI-SIAO codes, none: all) and ages of the main person, both
    included; `audience` says it in words, for what has no code. `support`: 0 to 4.
    """
    unit.require("housing.write")
    wrong = {}
    if not name.strip():
        wrong["name"] = N_("Indiquez un nom.")
    if kind not in await known_kinds(unit, opened_on or unit.today):
        wrong["kind"] = N_("Ce type de programme n’existe pas.")
    here = "SELECT 1 FROM territory_organisation WHERE organisation_id = $1"
    if not await unit.value(here, organisation_id):
        wrong["organisation"] = N_("Choisissez une organisation du territoire.")
    wrong |= _wrong_ages(age_min, age_max)
    if wrong:
        raise Invalid(wrong)
    day = opened_on or unit.today
    programme_id = await unit.value(
        "INSERT INTO programme (ref, organisation_id, name, search_key, area_id, address, phone, "
        "description, house_rules, animals, audience, opened_on, compositions, age_min, age_max, "
        "support) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) "
        "RETURNING id",
        new_ref(), organisation_id, name.strip(), search_key(name), area_id, address, phone,
        description, house_rules, animals, list(audience), day, list(compositions) or None,
        age_min, age_max, support,
    )  # fmt: skip
    await unit.fetch(
        "INSERT INTO programme_kind (programme_id, kind, starts_on, why, by) "
        "VALUES ($1, $2, $3, '', $4)",
        programme_id,
        kind,
        day,
        unit.actor.account_id,
    )
    unit.record("programme.opened", subject=("programme", programme_id), housing=kind)
    return int(programme_id)


def _wrong_ages(low: int | None, high: int | None) -> dict[str, str]:
    if low is not None and high is not None and high < low:
        return {"age_max": N_("L’âge maximum est inférieur au minimum.")}
    return {}


CHANGEABLE = (
    "name", "area_id", "address", "phone", "description", "house_rules", "animals", "audience",
    "compositions", "age_min", "age_max", "support",
)  # fmt: skip


async def change_programme(unit: Unit, programme_id: int, version: int, **fields: Any) -> None:
    """New words, address or rules of a programme. Its kind changes by `change_kind` only.

    `version` is the one that was read. Raises Conflict with what stands now when somebody else
    changed the same since.
    """
    unit.require("housing.write")
    if "name" in fields and not fields["name"].strip():
        raise Invalid({"name": N_("Indiquez un nom.")})
    if wrong := _wrong_ages(fields.get("age_min"), fields.get("age_max")):
        raise Invalid(wrong)
    changed = await change_row(unit, "programme", programme_id, version, fields, CHANGEABLE)
    if not changed:
        return
    if "name" in changed:
        await unit.fetch(
            "UPDATE programme SET search_key = $2 WHERE id = $1",
            programme_id,
            search_key(changed["name"]),
        )
    unit.record("programme.changed", subject=("programme", programme_id), fields=sorted(changed))


async def known_kinds(unit: Unit, on: date) -> set[str]:
    """Codes of the kinds this territory uses on a day."""
    rows = await unit.fetch(
        "SELECT code FROM housing_kind WHERE starts_on <= $1 AND (ends_on IS NULL OR ends_on > $1)",
        on,
    )
    return {r["code"] for r in rows}


async def preview_kind_change(unit: Unit, programme_id: int, kind: str, on: date) -> KindChange:
    """What changing a programme's kind on a day would do: shown before, carried out after."""
    current = await unit.row(
        "SELECT id, kind, starts_on FROM programme_kind "
        "WHERE programme_id = $1 AND ends_on IS NULL FOR UPDATE",
        programme_id,
    )
    if current is None:
        raise NotFound()
    stays = await unit.fetch(
        "SELECT s.id, s.lease_kind, s.ends_on FROM placement s "
        "JOIN housing_unit u ON u.territory_id = s.territory_id AND u.id = s.unit_id "
        "WHERE u.programme_id = $1 AND s.state IN ('planned', 'present') "
        "AND s.starts_on <= $2 AND (s.ends_on IS NULL OR s.ends_on > $2) ORDER BY s.id",
        programme_id,
        on,
    )
    return plan_kind_change(
        current["kind"],
        kind,
        on,
        current_since=current["starts_on"],
        occupants=[Occupant(s["id"], s["lease_kind"], s["ends_on"]) for s in stays],
        known_kinds=await known_kinds(unit, on),
    )


async def change_kind(
    unit: Unit, programme_id: int, kind: str, *, on: date, why: str
) -> KindChange:
    """A programme becomes another kind from a day on; who lives there keeps the former terms."""
    unit.require("housing.write")
    if not why.strip():
        raise Invalid({"why": N_("Indiquez un motif.")})
    plan = await preview_kind_change(unit, programme_id, kind, on)
    if plan.refused is not None:
        raise Refused(plan.refused.msgid, **plan.refused.params)
    await unit.fetch(
        "UPDATE programme_kind SET ends_on = $2 WHERE programme_id = $1 AND ends_on IS NULL",
        programme_id,
        plan.close_on,
    )
    await unit.fetch(
        "INSERT INTO programme_kind (programme_id, kind, starts_on, why, by) "
        "VALUES ($1, $2, $3, $4, $5)",
        programme_id,
        kind,
        plan.open_on,
        why,
        unit.actor.account_id,
    )
    for stay in plan.protected:
        # The first protection stays: who entered under an older kind keeps that older one.
        await unit.fetch(
            "UPDATE placement SET protected_kind = $2 WHERE id = $1 AND protected_kind = ''",
            stay.placement_id,
            stay.kind,
        )
    unit.record(
        "programme.kind_changed",
        subject=("programme", programme_id),
        housing=kind,
        on=on.isoformat(),
        protected=[stay.placement_id for stay in plan.protected],
    )
    return plan
