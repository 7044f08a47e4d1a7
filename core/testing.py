"""The test kit: a real PostgreSQL, migrated once, cloned per worker, rolled back per test.

Loaded with `-p core.testing` by this project's tests and by plugins' own.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest
import pytest_asyncio
from litestar import Litestar

from core.app import CORE, create_app
from core.extension.checks import HOOKS
from core.extension.context import Ctx, Place
from core.extension.hookspecs import hookimpl
from core.extension.manifest import CONTRACT, Manifest
from core.extension.registry import Registry
from core.kernel import postgres
from core.kernel.clock import StillClock
from core.kernel.database import ENGINE, CountingConnection, statements
from core.kernel.migrate import migrate
from core.kernel.roles import APP, with_user
from core.kernel.settings import DEMO_SECRET, Settings
from core.kernel.unit import Actor, Unit
from core.territories.service import create_territory
from core.web.door import Places

NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
"""The day every test lives on: a Thursday."""

SETTINGS = Settings(environment="test", secret_key=DEMO_SECRET, public_url="http://127.0.0.1:8000")


LIMIT = 300
"""Seconds that one asynchronous test may take: one that waits for ever fails, and says where."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """A limit for each asynchronous test."""
    run = getattr(item, "obj", None)
    if not inspect.iscoroutinefunction(run) or item.get_closest_marker("drill"):
        return

    @functools.wraps(run)
    async def limited(*args: Any, **kw: Any) -> None:
        async with asyncio.timeout(LIMIT):
            await run(*args, **kw)

    item.obj = limited  # type: ignore[attr-defined]


def _database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@dataclass(frozen=True)
class Databases:
    """The tests' server: `admin` signs in as its superuser, `fresh()` clones the migrated one."""

    admin: str
    template: str

    async def fresh(self) -> tuple[str, str]:
        """(superuser's address, serving role's address) of a new clone."""
        name = f"t_{uuid.uuid4().hex[:12]}"
        connection = await asyncpg.connect(self.admin)
        try:
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {self.template}")
        finally:
            await connection.close()
        url = _database(self.admin, name)
        return url, with_user(url, APP, DEMO_SECRET)

    async def drop(self, url: str) -> None:
        connection = await asyncpg.connect(self.admin)
        try:
            name = urlsplit(url).path.lstrip("/")
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a PostgreSQL of this test run's own (not durable: nobody keeps data here)."""
    with postgres.fleeting() as running:
        yield running.url(postgres.SUPERUSER, "postgres")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def databases(server: str) -> Databases:
    """Migrated once, then only cloned."""
    name = "template_seuil"
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    assert (await migrate(_database(server, name), DEMO_SECRET)).held == {}
    return Databases(server, name)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def worker_database(databases: Databases) -> AsyncIterator[tuple[str, str]]:
    """One clone for all rolled-back tests of this worker."""
    admin_url, app_url = await databases.fresh()
    yield admin_url, app_url


@pytest.fixture(scope="session")
def registry() -> Registry:
    built = Registry.build(CORE)
    built.strict = True
    return built


@pytest.fixture
def clock() -> StillClock:
    return StillClock(NOW)


@pytest.fixture(scope="session")
def settings() -> Settings:
    return SETTINGS


@pytest_asyncio.fixture(loop_scope="session")
async def ground(worker_database: tuple[str, str]) -> AsyncIterator[asyncpg.Connection]:
    """Everything a test writes goes through this connection and is rolled back after it."""
    connection = await asyncpg.connect(worker_database[1], connection_class=CountingConnection)
    await connection.execute("BEGIN")
    ENGINE.pinned = connection
    try:
        yield connection
    finally:
        ENGINE.pinned = None
        with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError):
            await connection.execute("ROLLBACK")
        await connection.close()


@pytest_asyncio.fixture(loop_scope="session")
async def place(ground: asyncpg.Connection, clock: StillClock) -> Place:
    """A territory with its defaults."""
    return await make_place(clock)


async def make_place(clock: StillClock, slug: str = "essai", name: str = "Essai") -> Place:
    """A new territory with what `seuil territory create` gives it."""
    async with Unit(territory_id=None, clock=clock) as unit:
        territory_id = await create_territory(
            unit, slug=slug, name=name, langs=("fr", "en", "ar"), team_phone="03 00 00 00 00"
        )
    return Place(
        id=territory_id,
        slug=slug,
        name=name,
        zone="Europe/Paris",
        country="FR",
        langs=("fr", "en", "ar"),
        vocabulary="fr",
        emergency_phone="115",
        team_name=name,
        team_phone="03 00 00 00 00",
    )


@pytest_asyncio.fixture(loop_scope="session")
async def ctx(place: Place, registry: Registry, clock: StillClock, settings: Settings) -> Ctx:
    """A coordinator of the territory: `ctx.unit()` opens a Unit there."""
    base = Ctx(settings=settings, registry=registry, clock=clock, territory=place, face="admin")
    return base.acting(await make_professional(base, "coordinator"))


async def make_professional(
    ctx: Ctx, *roles: str, name: str = "Camille Roth", organisation_id: int | None = None
) -> Actor:
    """An account with these roles here, as an Actor. Its password is `mot de passe long`."""
    from core.accounts.service import create_professional, grant_role

    async with ctx.acting(None).unit() as unit:  # type: ignore[arg-type]
        account_id = await create_professional(
            unit, name=name, email=f"{uuid.uuid4().hex[:10]}@exemple.test", password=None
        )
        for role in roles:
            await grant_role(unit, account_id, role, organisation_id=organisation_id)
    return Actor(
        kind="professional",
        account_id=account_id,
        name=name,
        grants=frozenset((role, organisation_id) for role in roles),
    )


def make_plugin(name: str, **parts: Any) -> ModuleType:
    """A plugin made in a test: hooks by name, and what its manifest should say otherwise.

    `make_plugin("essai", depends=("autre",), nav_items=lambda ctx, face: ())`: what is named as a
    hook becomes one, what is named as a field of the manifest goes there, the rest are attributes.
    """
    about = {f.name: parts.pop(f.name) for f in fields(Manifest) if f.name in parts}
    given = {"version": "1.0", "title": "Essai", "purpose": "Un essai.", "contract": CONTRACT}
    module = ModuleType(f"{name}_plugin")
    module.MANIFEST = Manifest(**{"name": name, **given, **about})  # type: ignore[attr-defined]
    for key, value in parts.items():
        setattr(module, key, hookimpl(value) if key in HOOKS else value)
    return module


async def turn_on(app: Litestar, slug: str, *plugins: str) -> None:
    """Let exactly these plugins answer in a territory of this application, whatever its rows say.

    What was turned on in other territories stays on.
    """
    known = app.state.places
    known._fresh = float("inf")
    before = {place.slug: place.plugins for place in known._known.values()}
    await known.reload(app.state.base)
    before[slug] = frozenset(plugins)
    for name, place in known._known.items():
        known._known[name] = replace(place, plugins=before.get(name, place.plugins))


@contextlib.contextmanager
def counting() -> Iterator[list[str]]:
    """The statements sent inside the block, BEGIN, binding and COMMIT not counted."""
    seen: list[str] = []
    token = statements.set(seen)
    try:
        yield seen
    finally:
        statements.reset(token)


@pytest.fixture(scope="session")
def built() -> Litestar:
    """The whole application, put together once: each test has it with a state of its own."""
    app = create_app(SETTINGS)
    app.state.base.registry.strict = True
    return app


@pytest_asyncio.fixture(loop_scope="session")
async def app(
    ground: asyncpg.Connection, built: Litestar, settings: Settings, clock: StillClock
) -> AsyncIterator[Litestar]:
    """The application over the rolled-back connection; what fails on a page raises."""
    kept = dict(built.state.items())
    built.state.base = replace(kept["base"], settings=settings, clock=clock)
    built.state.places = Places(fresh=float("inf"))
    yield built
    built.state.update(kept)


def visitor(app: Litestar) -> httpx.AsyncClient:
    """A bare client of an application, without lifespan: the caller holds the database."""
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")


@dataclass
class Browser:
    """A person's browser without script: keeps cookies, sends forms with their hidden fields."""

    client: httpx.AsyncClient
    last: httpx.Response | None = None
    trail: list[str] = field(default_factory=list)

    async def get(self, path: str, **kw: Any) -> httpx.Response:
        self.last = await self.client.get(path, **kw)
        self.trail.append(path)
        return self.last

    async def post(
        self, path: str, values: dict[str, Any] | None = None, **kw: Any
    ) -> httpx.Response:
        """Send a form; the CSRF field is taken from the cookie, the key made unless given."""
        token = self.client.cookies.get("seuil-form")
        if token is None:
            await self.client.get("/")
            token = self.client.cookies.get("seuil-form")
        body = {"_csrf_token": token, "_key": str(uuid.uuid4()), **(values or {})}
        answer = await self.client.post(path, data=body, **kw)
        if "/reponse/" in answer.headers.get("location", ""):
            # What answers a form stands at an address of its own: a browser goes there by itself.
            answer = await self.client.get(answer.headers["location"])
        self.last = answer
        return answer

    async def follow(self) -> httpx.Response:
        """Where the last answer leads."""
        assert self.last is not None
        return await self.get(self.last.headers["location"])

    async def search(
        self, path: str, text: str, headers: dict[str, str] | None = None, **filters: str
    ) -> httpx.Response:
        """Type in a search box, and go where it leads: an address without those words."""
        await self.post(path, {"q": text, **filters})
        assert self.last is not None
        return await self.get(self.last.headers["location"], headers=headers)

    def text(self) -> str:
        """What the last page says, tags left out, spaces folded."""
        assert self.last is not None
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.last.text))

    async def sign_in(self, ctx: Ctx, actor: Actor, face: str) -> None:
        """A session of that account, without its password."""
        from core.accounts.sessions import open_session
        from core.web.door import cookie_name

        assert actor.account_id is not None
        async with ctx.unit() as unit:
            cookie, _ = await open_session(unit, actor.account_id, face)
        self.client.cookies.set(cookie_name(face, False), cookie, "127.0.0.1")


@pytest_asyncio.fixture(loop_scope="session")
async def browser(app: Litestar) -> AsyncIterator[Browser]:
    async with visitor(app) as client:
        yield Browser(client)
