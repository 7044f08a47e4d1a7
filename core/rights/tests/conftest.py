"""What the tests of rights share."""

from __future__ import annotations

import pytest_asyncio

from core.extension.context import Ctx, Place
from core.kernel.clock import StillClock
from core.testing import make_place


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere_place(ctx: Ctx, clock: StillClock) -> Place:
    """Another territory."""
    return await make_place(clock, "ailleurs", "Ailleurs")
