"""Emergency admissions: a structure learns nothing of who has a file; the SIAO says whose it is."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from core.extension.context import Ctx
from core.kernel.errors import Conflict, Denied, Invalid, NotFound, Refused
from core.placements.emergency import emergencies, emergency, files_alike
from core.placements.service import confirm_emergency, declare_emergency, set_emergency_aside
from core.placements.tests.making import place, proposed, structure
from core.requests.tests.making import listed
from core.testing import Browser, make_professional

BIRTH = date(1985, 4, 3)


async def made(ctx: Ctx) -> tuple[Ctx, int, str, str, int]:
    """(a structure, its free place, that place's reference, a household's reference, household)."""
    async with ctx.unit() as unit:
        organisation_id, chu = await structure(unit, "chu")
        vacancy = await place(unit, chu)
        bed = await unit.row(
            "SELECT u.id, u.ref FROM vacancy v JOIN housing_unit u ON u.id = v.unit_id "
            "WHERE v.id = $1", vacancy,
        )  # fmt: skip
        request_id = await listed(unit, family="Inconnue")
        row = await unit.row(
            "SELECT h.id, h.ref FROM housing_request r JOIN household h ON h.id = r.household_id "
            "WHERE r.id = $1", request_id,
        )  # fmt: skip
    assert bed is not None and row is not None
    actor = await make_professional(ctx, "structure", organisation_id=organisation_id)
    return ctx.acting(actor), bed["id"], bed["ref"], row["ref"], row["id"]


async def declared(mine: Ctx, bed: int, number: str) -> int:
    async with mine.unit() as unit:
        return await declare_emergency(
            unit, bed, number=number, birth=BIRTH, on=unit.today, told_on=unit.today, why="Gel"
        )


async def test_the_answer_is_the_same_whether_a_file_exists_or_not(
    ctx: Ctx, browser: Browser
) -> None:
    """Status, page and place: only what was typed differs."""
    mine, _, bed, ref, _ = await made(ctx)
    async with ctx.unit() as unit:
        programme = await unit.value("SELECT programme_id FROM housing_unit WHERE ref = $1", bed)
        second = await place(unit, programme)
        other = await unit.value(
            "SELECT u.ref FROM vacancy v JOIN housing_unit u ON u.id = v.unit_id WHERE v.id = $1",
            second,
        )
        await unit.fetch("UPDATE housing_unit SET label = 'X'")
    await browser.sign_in(ctx, mine.who, "admin")
    said = []
    for at, number in ((bed, ref), (other, "ZZZZZZZZZZ")):
        answer = await browser.post(
            "/admin/essai/sejours/urgence",
            {
                "place": at, "number": number, "birth_day": 3, "birth_month": 4,
                "birth_year": 1985, "on": "2026-03-12", "told_on": "2026-03-12", "why": "Gel",
                "household": ref,
            },
        )  # fmt: skip
        page = await browser.follow()
        said.append((answer.status_code, answer.headers["location"], page.status_code))
        assert "Inconnue" not in page.text
        assert "À confirmer par le SIAO" in page.text
    assert said[0] == said[1]
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM placement") == 0, "a structure ties no file"
        assert await unit.value("SELECT count(*) FROM emergency_admission") == 2
        events = await unit.fetch("SELECT household_id FROM event WHERE kind LIKE 'emergency.%'")
        assert [e["household_id"] for e in events] == [None, None]


async def test_the_form_of_a_structure_asks_no_reference(ctx: Ctx, browser: Browser) -> None:
    mine, *_ = await made(ctx)
    await browser.sign_in(ctx, mine.who, "admin")
    fields = set(
        re.findall(r'name="(\w+)"', (await browser.get("/admin/essai/sejours/urgence")).text)
    )
    assert {"number", "birth_year"} <= fields
    assert "household" not in fields


async def test_the_siao_confirms_and_the_stay_begins(ctx: Ctx, browser: Browser) -> None:
    mine, bed, _, ref, household_id = await made(ctx)
    admission = await declared(mine, bed, ref.lower())
    async with ctx.unit() as unit:
        assert await unit.value("SELECT state FROM vacancy") == "frozen", "offered to no one else"
        row = (await emergencies(unit))[0]
        (found,) = await files_alike(unit, row["number"], row["birth"])
        assert (found["ref"], found["same_birth"]) == (ref, True)
        assert not (await files_alike(unit, row["number"], date(1999, 1, 1)))[0]["same_birth"]
    await browser.sign_in(ctx, ctx.who, "admin")
    home = await browser.get("/admin/essai/")
    assert f"/sejours/urgence/{row['ref']}" in home.text
    page = await browser.get(f"/admin/essai/sejours/urgence/{row['ref']}")
    assert f'value="{ref}"' in page.text
    sent = await browser.post(f"/admin/essai/sejours/urgence/{row['ref']}", {"household": ref})
    assert sent.status_code == 303
    async with ctx.unit() as unit:
        stay = await unit.row("SELECT household_id, starts_on, state FROM placement")
        assert stay is not None
        assert tuple(stay) == (household_id, unit.today, "present")
        assert await unit.value("SELECT state FROM vacancy") == "filled"
        assert (await emergency(unit, row["ref"]))["state"] == "confirmed"
    async with mine.unit() as unit:
        assert (await emergencies(unit))[0]["stay_ref"] is not None
    with pytest.raises(Refused):
        async with ctx.unit() as unit:
            await confirm_emergency(unit, admission, household_id)


async def test_the_siao_sets_aside_and_the_place_is_free_again(ctx: Ctx) -> None:
    mine, bed, _, _, _ = await made(ctx)
    admission = await declared(mine, bed, "123")
    with pytest.raises(Invalid):
        async with ctx.unit() as unit:
            await set_emergency_aside(unit, admission, words=" ")
    async with ctx.unit() as unit:
        await set_emergency_aside(unit, admission, words="Déjà logée ailleurs")
        assert await unit.value("SELECT state FROM vacancy") == "declared"
    async with mine.unit() as unit:
        assert (await emergencies(unit))[0]["words"] == "Déjà logée ailleurs"


async def test_what_is_missing_is_said_beside_its_field(ctx: Ctx) -> None:
    mine, bed, *_ = await made(ctx)
    with pytest.raises(Invalid) as no:
        async with mine.unit() as unit:
            await declare_emergency(
                unit, bed, number=" ", birth=None, on=unit.today + timedelta(days=1), told_on=None,
                why="",
            )  # fmt: skip
    assert set(no.value.errors) == {"number", "birth", "on", "told_on", "why"}


async def test_a_structure_declares_its_own_free_places_only_and_confirms_none(ctx: Ctx) -> None:
    mine, bed, _, _, household_id = await made(ctx)
    theirs, *_ = await made(ctx)
    with pytest.raises(NotFound):
        await declared(theirs, bed, "1")
    admission = await declared(mine, bed, "1")
    with pytest.raises((Conflict, Refused)):
        await declared(mine, bed, "2")
    for who in (mine, theirs):
        with pytest.raises(Denied):
            async with who.unit() as unit:
                await confirm_emergency(unit, admission, household_id)
        with pytest.raises(Denied):
            async with who.unit() as unit:
                await files_alike(unit, "1", BIRTH)
    async with theirs.unit() as unit:
        assert await emergencies(unit) == []
    async with ctx.unit() as unit:
        organisation_id, programme = await structure(unit)
        held = await proposed(unit, programme)
        taken = await unit.value(
            "SELECT v.unit_id FROM referral r JOIN vacancy v ON v.id = r.vacancy_id "
            "WHERE r.id = $1", held,
        )  # fmt: skip
    holder = ctx.acting(await make_professional(ctx, "structure", organisation_id=organisation_id))
    with pytest.raises(Refused, match="pas libre"):
        await declared(holder, taken, "3")
