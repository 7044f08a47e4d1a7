"""A territory that reserves the files of an AMI: who opens them, and who reads why not."""

from __future__ import annotations

from dataclasses import replace

from core.extension.context import Ctx
from core.households.queries import household_id_of
from core.kernel.errors import Denied
from core.kernel.unit import Actor
from core.territories.service import keep_value
from core.testing import make_professional
from plugins.programmes.members import enter
from plugins.programmes.tests.making import household, programme


async def test_the_file_opens_to_who_follows_the_household(ctx: Ctx) -> None:
    place = replace(ctx.place, plugins=frozenset({"programmes"}))
    here = replace(ctx, territory=place, permission="households.read")
    referent = await make_professional(ctx, "social_worker", name="Nadia Ferrand")
    other = await make_professional(ctx, "social_worker", name="Julien Weiss")
    async with here.unit() as unit:
        ami, _ = await programme(unit)
        local, _ = await programme(unit, name="Projet local", kind="local")
        inside, beside = [await household(unit, name) for name in ("Diallo", "Kaya")]
        entered = {"on": unit.today, "referent_id": referent.account_id}
        await enter(unit, ami, inside[0], **entered)
        await enter(unit, local, beside[0], **entered)

    async def opens(actor: Actor, ref: str) -> bool:
        async with here.acting(actor).unit() as unit:
            try:
                return bool(await household_id_of(unit, ref))
            except Denied as refused:
                assert "réservé aux personnes qui suivent ce ménage" in str(refused)
                return False

    assert await opens(other, inside[1])
    async with here.unit() as unit:
        await keep_value(unit, "programmes", "reserved", True, starts_on=unit.today)
    assert not await opens(other, inside[1])
    assert await opens(other, beside[1])
    assert await opens(referent, inside[1])
    assert await opens(here.who, inside[1])
    async with here.unit() as unit:
        await unit.fetch(
            "INSERT INTO key_worker (household_id, account_id, role, starts_on, end_reason) "
            "VALUES ($1, $2, 'siao', $3, '')",
            inside[0],
            other.account_id,
            unit.today,
        )
    assert await opens(other, inside[1])
