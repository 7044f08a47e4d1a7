"""Households told for the tests of the portal: a couple waiting, with a place proposed to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core.accounts.service import issue_code
from core.extension.context import Ctx
from core.housing.service import (
    add_unit,
    declare_vacancy,
    open_programme,
    register_organisation,
    seed_kinds,
)
from core.placements.passing import same_for_all
from core.placements.service import propose, seed_reasons
from core.requests.tests.making import listed
from core.testing import Browser


@dataclass
class Told:
    """A couple, Awa and Moussa, on the waiting list; `referral` once a place is proposed."""

    household: int
    request: int
    awa: int
    moussa: int
    referral: str = ""
    referral_id: int = 0
    vacancy: int = 0


async def couple_waiting(ctx: Ctx, family: str = "Diallo", kind: str = "chrs") -> Told:
    async with ctx.unit() as unit:
        await seed_kinds(unit)
        await seed_reasons(unit)
        request_id = await listed(unit, family=family, couple=True, kind=kind)
        household = await unit.value(
            "SELECT household_id FROM housing_request WHERE id = $1", request_id
        )
        rows = await unit.fetch(
            "SELECT person_id FROM membership WHERE household_id = $1 ORDER BY role", household
        )
        awa, moussa = (r["person_id"] for r in rows)
    return Told(household, request_id, awa, moussa)


async def proposed(ctx: Ctx, told: Told, words: str = "Un lieu calme.") -> Told:
    """A place is proposed to them, with a week to answer."""
    async with ctx.unit() as unit:
        organisation = await register_organisation(
            unit, name=f"Les Deux Ponts {told.household}", kind="CHRS"
        )
        programme = await open_programme(
            unit,
            organisation,
            name="Maison du quai",
            kind="chrs",
            house_rules="Pas de visite après 22 h.",
            address="3 quai caché",
        )
        room = await add_unit(
            unit,
            programme,
            label="Chambre 4",
            typology="t2",
            max_persons=3,
            cost_cents=12_050,
            surface_m2=31,
        )
        told.vacancy = await declare_vacancy(unit, room, free_on=unit.today)
        told.referral_id = await propose(
            unit,
            told.vacancy,
            told.request,
            words=words,
            answer_by=unit.now + timedelta(days=7),
            why=same_for_all("household_wish"),
        )
        told.referral = await unit.value("SELECT ref FROM referral WHERE id = $1", told.referral_id)
    return told


BIRTHS: dict[str, date] = {"awa": date(1985, 4, 3), "moussa": date(1983, 1, 2)}


async def enter(browser: Browser, ctx: Ctx, person_id: int, who: str, lang: str = "fr") -> None:
    """Come in with a new card, as a person does."""
    birth = BIRTHS[who]
    async with ctx.unit() as unit:
        code, _ = await issue_code(unit, person_id, ctx.settings.secret_key)
    browser.client.cookies.delete("seuil-portal")
    answer = await browser.post(
        f"/essai/{lang}/entrer",
        {
            "code": code,
            "birth_date_day": birth.day,
            "birth_date_month": birth.month,
            "birth_date_year": birth.year,
            "device": "shared",
        },
    )
    assert answer.status_code == 303, browser.text()


async def one(ctx: Ctx, sql: str, *args: Any) -> Any:
    """One value of the base."""
    async with ctx.unit() as unit:
        return await unit.value(sql, *args)
