"""The application with programmes switched on in the test's territory."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from litestar import Litestar

from core.extension.context import Ctx
from core.testing import Browser, turn_on
from plugins.programmes.tests.making import at_work


@pytest_asyncio.fixture(loop_scope="session")
async def app(ctx: Ctx, app: Litestar) -> Litestar:
    await turn_on(app, ctx.place.slug, "programmes")
    return app


@pytest_asyncio.fixture(loop_scope="session")
async def desk(ctx: Ctx, app: Litestar) -> AsyncIterator[Browser]:
    """The coordinator's browser."""
    async with at_work(ctx, app, ctx.who) as browser:
        yield browser
