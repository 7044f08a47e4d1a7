"""Coming back: ten codes after the first entry, each once, all void together, none for nobody."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.accounts.service import hash_of_card, issue_code, use_code
from core.accounts.ways_back import (
    MAX_SHEET_FAILS,
    SHEET,
    SHEET_DAYS,
    codes_left,
    draw_sheet,
    issue_sheet,
)
from core.extension.context import Ctx
from core.households.tables import Person
from core.kernel.errors import Refused

BIRTH = date(1985, 4, 3)


async def person(ctx: Ctx, ref: str = "P123456789") -> int:
    async with ctx.unit():
        one = Person(ref=ref, family_name="Diallo", given_name="Awa", birth=BIRTH)
        await one.save()
        return int(one.id)


async def tries(ctx: Ctx, code: str, birth: date = BIRTH) -> int | None:
    found = await hash_of_card(code, ctx.place.id, ctx.settings.secret_key)
    async with ctx.unit() as unit:
        return await use_code(unit, found, birth)


async def came(ctx: Ctx, person_id: int) -> int | None:
    async with ctx.unit() as unit:
        code, _ = await issue_code(unit, person_id, ctx.settings.secret_key)
    return await tries(ctx, code)


async def sheet_of(ctx: Ctx, person_id: int, days: int = SHEET_DAYS) -> list[str]:
    sheet = await draw_sheet(ctx.place.id, ctx.settings.secret_key)
    async with ctx.unit() as unit:
        await issue_sheet(unit, person_id, sheet, days=days)
    return [code for code, _ in sheet]


async def left(ctx: Ctx, person_id: int) -> int:
    async with ctx.unit() as unit:
        return await codes_left(unit, person_id)


async def test_ten_codes_open_ten_times_the_same_space(ctx: Ctx) -> None:
    awa = await person(ctx)
    account = await came(ctx, awa)
    codes = await sheet_of(ctx, awa)
    assert len(set(codes)) == SHEET == await left(ctx, awa)
    for number, code in enumerate(reversed(codes), start=1):
        assert await tries(ctx, code) == account
        assert await tries(ctx, code) is None, "a code opens once"
        assert await left(ctx, awa) == SHEET - number


async def test_the_sheet_comes_after_the_card(ctx: Ctx) -> None:
    awa = await person(ctx)
    with pytest.raises(Refused):
        await sheet_of(ctx, awa)
    await came(ctx, awa)
    assert await sheet_of(ctx, awa)
    async with ctx.unit() as unit:
        await unit.fetch("UPDATE person SET died_on = $2 WHERE id = $1", awa, unit.today)
    with pytest.raises(Refused):
        await sheet_of(ctx, awa)


async def test_a_new_sheet_or_a_new_card_voids_the_sheet(ctx: Ctx) -> None:
    awa = await person(ctx)
    await came(ctx, awa)
    first = await sheet_of(ctx, awa)
    second = await sheet_of(ctx, awa)
    assert await tries(ctx, first[0]) is None
    assert await tries(ctx, second[0])
    assert await came(ctx, awa), "lost papers: a new card"
    assert await tries(ctx, second[1]) is None and await left(ctx, awa) == 0


async def test_codes_end_with_their_time(ctx: Ctx) -> None:
    awa = await person(ctx)
    await came(ctx, awa)
    codes = await sheet_of(ctx, awa, days=30)
    async with ctx.unit() as unit:
        await unit.fetch("UPDATE return_code SET expires_at = $1", unit.now - timedelta(seconds=1))
    assert await tries(ctx, codes[0]) is None and await left(ctx, awa) == 0


async def test_ten_wrong_dates_over_the_sheet_void_all_of_it(ctx: Ctx) -> None:
    awa, other = await person(ctx), await person(ctx, "P987654321")
    for one in (awa, other):
        await came(ctx, one)
    codes, others = await sheet_of(ctx, awa), await sheet_of(ctx, other)
    for number in range(MAX_SHEET_FAILS - 1):
        assert await tries(ctx, codes[number % 3], date(1999, 1, 1)) is None
    assert await left(ctx, awa) == SHEET
    assert await tries(ctx, codes[9], date(1999, 1, 1)) is None
    assert await left(ctx, awa) == 0 and await tries(ctx, codes[5]) is None
    assert await tries(ctx, others[0]), "another person's sheet is theirs"
    async with ctx.unit() as unit:
        kinds = await unit.fetch("SELECT kind FROM event WHERE person_id = $1 ORDER BY id", awa)
    assert [row["kind"] for row in kinds][-1] == "access.code_voided"


async def test_only_the_hash_is_kept(ctx: Ctx) -> None:
    awa = await person(ctx)
    await came(ctx, awa)
    codes = await sheet_of(ctx, awa)
    async with ctx.unit() as unit:
        kept = await unit.value("SELECT string_agg(c::text, '') FROM return_code c")
        kept += await unit.value("SELECT string_agg(payload::text, '') FROM event")
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]
