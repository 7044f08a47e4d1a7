"""Random acts on an entry: none lapses without its three tries on two channels, announced."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.extension.context import Ctx
from core.kernel.clock import StillClock
from core.kernel.errors import DomainError
from core.kernel.unit import Unit
from core.matching.rules import LAPSE_NEEDS, LapseTry, lapse_facts
from core.matching.service import announce_lapse, entry_step, record_try, tell_key_worker
from core.requests.tests.making import listed

ACTS = (
    *("try",) * 6, *("announce",) * 2, *("tell",) * 2, *("lapse",) * 6, *("wait",) * 4, "due", "due",
    "pause", "resume", "refresh", "restore",
)  # fmt: skip

_days = st.integers(0, 40)
_reached = st.integers(0, 9).map(lambda n: n == 0)
_tries = st.lists(
    st.tuples(_days, st.sampled_from(["phone", "sms", "letter"]), _reached), max_size=6
)


@given(tries=_tries, announced=st.none() | _days, told=_days, on=st.integers(25, 60))
@settings(max_examples=300, deadline=None)
def test_a_lapse_is_possible_only_after_three_tries_on_two_channels(
    tries: list[tuple[int, str, bool]], announced: int | None, told: int, on: int
) -> None:
    start = date(2026, 1, 1)
    made = [LapseTry(start + timedelta(days=d), c, r) for d, c, r in tries]
    facts = lapse_facts(
        on=start + timedelta(days=on),
        refresh_due=start,
        tries=made,
        announced_on=None if announced is None else start + timedelta(days=announced),
        key_worker_told_on=start + timedelta(days=told),
    )
    if not all(facts[need.key] for need in LAPSE_NEEDS):
        return
    past = [t for t in made if t.on <= start + timedelta(days=on)]
    reached = max((t.on for t in past if t.reached), default=start - timedelta(days=1))
    failed = {(t.on, t.channel) for t in past if not t.reached and t.on > reached}
    assert len(failed) >= 3 and len({c for _, c in failed}) >= 2
    assert announced is not None and announced < on and on >= 30


async def _act(unit: Unit, entry: int, request: int, act: str, chance: random.Random) -> None:
    if act == "try":
        channel = chance.choice(["phone", "sms", "letter"])
        outcome = chance.choice(["no_answer", "message_left"] * 9 + ["reached"])
        await record_try(unit, entry, channel, outcome)
    elif act == "announce":
        await announce_lapse(unit, entry)
    elif act == "tell":
        await tell_key_worker(unit, entry)
    elif act == "due":
        await entry_step(unit, entry, "mark_to_refresh")
    else:
        await entry_step(unit, entry, act, reason="Essai")


async def _broken(unit: Unit, entry: int) -> str:
    """Why the last lapse of the entry should not have been; '' when it stands."""
    lapse = await unit.row(
        "SELECT at FROM waiting_state WHERE entry_id = $1 AND verb = 'lapse' ORDER BY id DESC",
        entry,
    )
    if lapse is None:
        return ""
    rows = await unit.fetch(
        "SELECT channel, at, outcome FROM lapse_try WHERE entry_id = $1 AND at <= $2 ORDER BY id",
        entry,
        lapse["at"],
    )
    reached = max((r["at"].date() for r in rows if r["outcome"] == "reached"), default=None)
    failed = {
        (r["at"].date(), r["channel"])
        for r in rows
        if r["outcome"] in ("no_answer", "message_left")
        and (reached is None or r["at"].date() > reached)
    }
    if len(failed) < 3 or len({channel for _, channel in failed}) < 2:
        return "fewer than three tries on two channels"
    if not any(r["outcome"] == "announced" and r["at"].date() < lapse["at"].date() for r in rows):
        return "not announced before"
    return ""


@pytest.mark.parametrize("seed", [2, 11, 31, 47])
async def test_random_acts_never_lapse_an_entry_that_was_not_sought(
    ctx: Ctx, clock: StillClock, seed: int
) -> None:
    chance = random.Random(seed)
    async with ctx.unit() as unit:
        request = await listed(unit)
        row = await unit.row(
            "SELECT id, seniority_on FROM waiting_entry WHERE request_id = $1", request
        )
        assert row is not None
    clock.advance(timedelta(days=200))
    lapses = 0
    for _ in range(260):
        act = chance.choice(ACTS)
        if act == "wait":
            clock.advance(timedelta(days=chance.randint(1, 12)))
            continue
        try:
            async with ctx.unit() as unit:
                await _act(unit, row["id"], request, act, chance)
        except DomainError:
            continue
        async with ctx.unit() as unit:
            if act == "lapse":
                assert await _broken(unit, row["id"]) == ""
            now = await unit.row(
                "SELECT e.seniority_on, r.seniority_on AS own, e.state FROM waiting_entry e "
                "JOIN housing_request r ON r.id = e.request_id WHERE e.id = $1",
                row["id"],
            )
            assert now is not None
            assert now["seniority_on"] == now["own"] == row["seniority_on"]
            lapses += act == "lapse"
    assert lapses, "nothing was tried"
