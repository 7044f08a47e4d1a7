"""What the tests of the plugin host share."""

from __future__ import annotations

from dataclasses import replace

import pytest_asyncio

from core.extension.context import Ctx, Place
from core.kernel.clock import StillClock
from core.testing import make_place, make_professional


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere(ctx: Ctx, clock: StillClock) -> Ctx:
    """A coordinator of another territory."""
    there: Place = await make_place(clock, "ailleurs", "Ailleurs")
    other = replace(ctx, territory=there)
    return other.acting(await make_professional(other, "coordinator", name="Nour Meyer"))
