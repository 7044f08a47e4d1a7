"""The home of each role: queues with their counts, their own pages, the sheet on paper."""

from __future__ import annotations

import pytest

from admin.queues import QUEUES
from core.extension.context import Ctx
from core.testing import Browser, counting, make_professional

ROLES = ("coordinator", "social_worker", "administrator", "prescriber", "structure", "observer")


@pytest.mark.parametrize("role", ROLES)
async def test_every_role_has_a_home_and_only_its_queues(
    ctx: Ctx, browser: Browser, role: str
) -> None:
    async with ctx.unit() as unit:
        organisation = await unit.value(
            "INSERT INTO organisation (kind, name) VALUES ('ASSO', 'Accueil') RETURNING id"
        )
    needs = organisation if role in ("prescriber", "structure") else None
    actor = await make_professional(ctx, role, organisation_id=needs)
    await browser.sign_in(ctx, actor, "admin")
    assert (await browser.get("/admin/essai/")).status_code == 200
    assert (await browser.get("/admin/essai/feuille-du-jour")).status_code == 200
    for queue in QUEUES:
        answer = await browser.get(f"/admin/essai/a-faire/{queue.key}")
        may = bool(ctx.acting(actor).can(queue.permission))
        assert answer.status_code == (200 if may else 404), queue.key


async def test_the_home_reads_all_its_queues_at_once(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.get("/admin/essai/")
    with counting() as statements:
        await browser.get("/admin/essai/")
    assert len([s for s in statements if "q0 AS" in s]) == 1
    assert len(statements) <= 5


@pytest.mark.parametrize("after", ["nonsense", "2026-02-30.1", "2026-01-01.", "2026-01-01.x", "."])
async def test_an_address_that_was_tampered_with_starts_anew(
    ctx: Ctx, browser: Browser, after: str
) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    answer = await browser.get("/admin/essai/a-faire/a-instruire", params={"apres": after})
    assert answer.status_code == 200
