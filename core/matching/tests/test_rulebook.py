"""Rules over time: written, signed, in force from their day on, kept on each entry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from core.extension.context import Ctx
from core.kernel.clock import StillClock
from core.kernel.errors import Conflict, Invalid
from core.kernel.unit import Unit
from core.matching import classing
from core.matching.classing import apply_rules
from core.matching.queries import waiting_list
from core.matching.rulebook import change_draft, drop_draft, open_draft, sign_draft
from core.matching.rulecheck import BadRule
from core.matching.rulehistory import draft_of, rule_in_force, versions
from core.matching.service import entry_id_of, entry_step
from core.opening import furnish
from core.requests.tags import tag, untag
from core.requests.tests.making import listed
from core.testing import NOW, counting

TODAY = NOW.date()
TAG = "essai.leaver"
KEYS: list[Any] = [
    {"key": "class", "classes": [{"class": 2, "label": "Sortie de prison", "tags": [TAG]}]},
    {"key": "seniority"},
]


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def furnished(ctx: Ctx) -> None:
    """The kinds and first rules that a territory opens with."""
    async with ctx.unit() as unit:
        await furnish(unit)


async def draft(unit: Unit, keys: Any = KEYS) -> tuple[int, int]:
    """An open draft of the CHRS list with these keys; its id and version."""
    draft_id = await open_draft(unit, "chrs")
    stands = await draft_of(unit, "chrs")
    await change_draft(
        unit, draft_id, keys, text="Les sorties d’abord.", why="Essai", version=stands.version,
        tags=[TAG],
    )  # fmt: skip
    return draft_id, (await draft_of(unit, "chrs")).version


async def signed(unit: Unit, keys: Any = KEYS, in_days: int = 0) -> int:
    return await sign_draft(unit, *await draft(unit, keys), TODAY + timedelta(days=in_days), [TAG])


async def classes(unit: Unit) -> list[tuple[int, int]]:
    return [(r["request_id"], r["priority"]) for r in await waiting_list(unit, "chrs")]


async def test_a_rule_orders_its_list_from_the_moment_its_entries_follow(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        first, second = await listed(unit), await listed(unit)
        await tag(unit, second, TAG)
        assert await classes(unit) == [(first, 5), (second, 5)]
        rule_id = await signed(unit)
        assert (await rule_in_force(unit, "chrs")).version == 1
        assert await apply_rules(unit) == {"moved": 1, "rules": 1, "unread": 0}
        assert (await rule_in_force(unit, "chrs")).id == rule_id
        assert await classes(unit) == [(second, 2), (first, 5)]
        assert await apply_rules(unit) == {"moved": 0, "rules": 0, "unread": 0}
        assert [(v.version, v.standing) for v in await versions(unit, "chrs")] == [
            (2, "in_force"),
            (1, "replaced"),
        ]


async def test_a_change_of_one_demande_moves_its_entry_alone_at_once(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        first, second = await listed(unit), await listed(unit)
        await signed(unit)
        await apply_rules(unit)
        await tag(unit, second, TAG)
        assert await classes(unit) == [(second, 2), (first, 5)]
        await untag(unit, second, TAG)
        assert await classes(unit) == [(first, 5), (second, 5)]
        await unit.fetch("UPDATE waiting_entry SET priority = 4 WHERE request_id = $1", first)
        await tag(unit, second, TAG)
        assert await classes(unit) == [(second, 2), (first, 4)]
        with counting() as spent:
            await classing.class_entries(unit, first)
        assert len(spent) == 2


async def test_the_calendar_alone_moves_an_entry_with_the_job(ctx: Ctx, clock: StillClock) -> None:
    async with ctx.unit() as unit:
        first, second = await listed(unit), await listed(unit)
        await signed(unit)
        await apply_rules(unit)
        await tag(unit, second, TAG, starts_on=TODAY + timedelta(days=3))
        assert await classes(unit) == [(first, 5), (second, 5)]
    clock.set(NOW + timedelta(days=3))
    async with ctx.unit() as unit:
        assert (await apply_rules(unit))["moved"] == 1
        assert await classes(unit) == [(second, 2), (first, 5)]


async def test_a_rule_for_a_later_day_waits_for_it(ctx: Ctx, clock: StillClock) -> None:
    async with ctx.unit() as unit:
        await listed(unit)
        await signed(unit, in_days=5)
        assert await apply_rules(unit) == {"moved": 0, "rules": 0, "unread": 0}
        assert (await rule_in_force(unit, "chrs")).version == 1
        assert [v.standing for v in await versions(unit, "chrs")] == ["coming", "in_force"]
    clock.set(NOW + timedelta(days=5))
    async with ctx.unit() as unit:
        assert (await apply_rules(unit))["rules"] == 1
        assert (await rule_in_force(unit, "chrs")).version == 2


async def test_a_later_signature_replaces_the_rule_that_was_to_come(
    ctx: Ctx, clock: StillClock
) -> None:
    async with ctx.unit() as unit:
        await signed(unit, in_days=9)
        await signed(unit, ["size", "waited"], in_days=4)
        assert [(v.version, v.standing) for v in await versions(unit, "chrs")] == [
            (2, "never"),
            (3, "coming"),
            (1, "in_force"),
        ]
    clock.set(NOW + timedelta(days=20))
    async with ctx.unit() as unit:
        await apply_rules(unit)
        assert (await rule_in_force(unit, "chrs")).version == 3


async def test_time_on_the_list_is_stored_and_orders_the_list(ctx: Ctx, clock: StillClock) -> None:
    async with ctx.unit() as unit:
        early = await listed(unit)
    clock.set(NOW + timedelta(days=2))
    async with ctx.unit() as unit:
        late = await listed(unit)
        await unit.fetch(
            "UPDATE waiting_entry SET seniority_on = $2 WHERE request_id = $1",
            late,
            TODAY - timedelta(days=400),
        )
        assert [r for r, _ in await classes(unit)] == [late, early]
        draft_id, version = await draft(unit, ["waited"])
        await sign_draft(unit, draft_id, version, unit.today, [])
        await apply_rules(unit)
        rows = await waiting_list(unit, "chrs")
        assert [r["request_id"] for r in rows] == [early, late]
        assert rows[1]["order_on"] == TODAY + timedelta(days=2)


async def test_whoever_comes_back_to_a_list_stands_where_the_rule_says(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)
        entry_id = await entry_id_of(unit, request_id, "chrs")
        await entry_step(unit, entry_id, "withdraw", reason="Erreur")
        await tag(unit, request_id, TAG)
        await signed(unit)
        assert (await apply_rules(unit))["moved"] == 0
        await entry_step(unit, entry_id, "reopen", reason="Erreur corrigée")
        assert await classes(unit) == [(request_id, 2)]


async def test_a_long_list_moves_in_batches_and_counts_when_all_have_moved(
    ctx: Ctx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classing, "BATCH", 2)
    async with ctx.unit() as unit:
        for _ in range(5):
            await tag(unit, await listed(unit), TAG)
        await signed(unit)
        done = [await apply_rules(unit) for _ in range(3)]
        assert [d["moved"] for d in done] == [2, 2, 1]
        assert [d["rules"] for d in done] == [0, 0, 1]


async def test_nobody_signs_what_changed_since_they_read_it(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        draft_id, version = await draft(unit)
        with pytest.raises(Conflict):
            await change_draft(
                unit, draft_id, ["waited"], text="Autre", why="Essai", version=version - 1,
                tags=[],
            )  # fmt: skip
        await change_draft(
            unit, draft_id, ["waited"], text="Autre", why="Essai", version=version, tags=[]
        )
        with pytest.raises(Conflict):
            await sign_draft(unit, draft_id, version, TODAY, [])
        assert [v.version for v in await versions(unit, "chrs")] == [1]


async def test_a_signature_needs_words_a_day_and_a_rule_that_reads(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        draft_id = await open_draft(unit, "chrs")
        stands = await draft_of(unit, "chrs")
        with pytest.raises(Invalid) as wrong:
            await sign_draft(unit, draft_id, stands.version, TODAY - timedelta(days=1), [])
        assert set(wrong.value.errors) == {"starts_on", "why"}
        draft_id, version = await draft(unit)
        with pytest.raises(BadRule):
            await sign_draft(unit, draft_id, version, TODAY, [])
        await drop_draft(unit, draft_id)
        with pytest.raises(Conflict):
            await sign_draft(unit, draft_id, version, TODAY, [TAG])
        assert await open_draft(unit, "chrs") != draft_id
