"""A stuck event is seen, holds back its household's own, and is tried again or passed over."""

from __future__ import annotations

from core.extension.context import Ctx
from core.kernel.events import Event, deliver_one
from core.kernel.unit import Unit
from core.testing import Browser

HERE = "/admin/essai/reglages/travaux"


async def stuck(ctx: Ctx) -> int:
    """Two events of one household for one consumer, the first of them stuck; its delivery."""
    async with ctx.unit() as unit:
        household = await unit.value(
            "INSERT INTO household (ref, created_at) VALUES ('STUCK00001', now()) RETURNING id"
        )
        for _ in range(2):
            unit.record("request.changed", household_id=household)
    async with ctx.unit() as unit:
        await unit.fetch("DELETE FROM delivery")
        await unit.fetch(
            "INSERT INTO delivery (event_id, consumer, household_id, state, tries, next_at) "
            "SELECT id, 'core', household_id, 'waiting', 0, $2 FROM event "
            "WHERE household_id = $1",
            household,
            unit.now,
        )
        return int(
            await unit.value(
                "UPDATE delivery SET state = 'stuck', tries = 12, error = 'ValueError' "
                "WHERE id = (SELECT min(id) FROM delivery) RETURNING id"
            )
        )


async def handed(ctx: Ctx) -> int:
    """How many events of the household go through now: settling one is an event of its own."""
    seen: list[int] = []

    async def consumer(unit: Unit, event: Event) -> None:
        if event.household_id is not None:
            seen.append(event.id)

    async with ctx.unit() as unit:
        while await deliver_one(unit, "core", consumer):
            pass
    return len(seen)


async def test_passed_over_with_a_reason_those_behind_go_on(ctx: Ctx, browser: Browser) -> None:
    delivery = await stuck(ctx)
    assert await handed(ctx) == 0
    await browser.sign_in(ctx, ctx.who, "admin")
    assert (await browser.get(HERE)).status_code == 200
    assert "Bloqué" in browser.text() and "1 événement derrière" in browser.text()
    there = f"{HERE}/evenements/{delivery}"
    assert (await browser.post(there, {"what": "skip", "reason": ""})).status_code == 422
    assert (await browser.post(there, {"what": "skip", "reason": "Doublon"})).status_code == 303
    assert await handed(ctx) == 1
    async with ctx.unit() as unit:
        row = await unit.row("SELECT state, reason FROM delivery WHERE id = $1", delivery)
    assert row is not None and tuple(row) == ("skipped", "Doublon")
    assert (await browser.post(there, {"what": "retry"})).status_code == 409


async def test_tried_again_both_go_through_in_order(ctx: Ctx, browser: Browser) -> None:
    delivery = await stuck(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    sent = await browser.post(f"{HERE}/evenements/{delivery}", {"what": "retry"})
    assert sent.status_code == 303
    assert await handed(ctx) == 2


async def test_a_job_is_run_by_hand_with_its_author(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    assert (await browser.post(f"{HERE}/core.refreshes/lancer")).status_code == 303
    await browser.follow()
    assert "Travail fait." in browser.text() and "Camille Roth" in browser.text()
    assert (await browser.post(f"{HERE}/nothing/lancer")).status_code == 404
