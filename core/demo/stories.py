"""What told households live on given days: life events, help allowed, a message for one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from core.accounts.mandates import begin_helping, end_mandate, give_mandate
from core.demo.household import File
from core.demo.scene import Scene
from core.households.changes import LifeEvent
from core.kernel.actor import Helping
from core.notifications.service import write
from core.requests.service import live_event

Act = Callable[[Scene, File], Awaitable[None]]
"""One act on a household, on a day that its story names."""


def lives(kind: str, who: int, *, protection: str | None = None) -> Act:
    """A life event of the household's person of that place in its family."""

    async def act(scene: Scene, file: File) -> None:
        async with scene.act(file.worker) as unit:
            event = LifeEvent(kind, unit.today, file.person_ids[who], protection=protection)
            await live_event(unit, file.household_id, event)

    return act


def allows(helper: str, *scope: str, days: int) -> Act:
    """Its main person lets a colleague (the first part of the address) act for so many days."""

    async def act(scene: Scene, file: File) -> None:
        account_id = scene.team[helper].account_id
        assert account_id is not None
        async with scene.act(file.worker) as unit:
            await give_mandate(
                unit,
                file.person_ids[0],
                account_id,
                list(scope),
                ends_on=unit.today + timedelta(days=days),
                given_how="De vive voix, au bureau",
                household_id=file.household_id,
            )

    return act


async def ends_help(scene: Scene, file: File) -> None:
    """Its main person stops the help that was allowed."""
    async with scene.act(file.worker) as unit:
        mandate_id = await unit.value(
            "SELECT id FROM mandate WHERE person_id = $1 AND revoked_at IS NULL",
            file.person_ids[0],
        )
        await end_mandate(unit, mandate_id, household_id=file.household_id)


def writes_for(helper: str, text: str) -> Act:
    """The helper opens the person's space and writes to the team for them."""

    async def act(scene: Scene, file: File) -> None:
        worker, person_id = scene.team[helper], file.person_ids[0]
        async with scene.act(worker) as unit:
            mandate_id = await unit.value(
                "SELECT id FROM mandate WHERE person_id = $1 AND revoked_at IS NULL", person_id
            )
            row = await begin_helping(unit, worker.account_id or 0, mandate_id)
        helping = Helping(row["given_name"], frozenset(row["scope"]), None)
        acting = replace(
            worker, kind="helper", person_id=person_id, on_behalf_of=person_id,
            mandate_id=mandate_id, helping=helping, grants=frozenset(),
        )  # fmt: skip
        async with scene.act(acting) as unit:
            await write(unit, file.household_id, person_id, "message", text)

    return act
