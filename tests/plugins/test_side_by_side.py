"""Two territories in one process, at once: each has its own plugins, words, languages and data.

`strasbourg` works with `programmes`, in French; `bruxelles` with `alpha`, in French and Dutch, in
its own vocabulary. Their pages are asked for together, over a pool, again and again: nothing of one
is ever in an answer of the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest_asyncio
from litestar import Litestar, get
from litestar.response import Response

from core.accounts.service import resident_account
from core.app import create_app
from core.extension.context import Ctx
from core.extension.contributions import Criterion, EventKind, Job, NavItem, Part, Ran, Read, Tag
from core.extension.discovery import discover
from core.extension.registry import Registry
from core.extension.tunables import number
from core.households.queries import household_id_of
from core.kernel.clock import StillClock
from core.kernel.database import ENGINE
from core.kernel.events import Event
from core.kernel.settings import Settings
from core.kernel.unit import Actor, Unit
from core.kernel.words import Sentence
from core.matching.criteria import conditions_here
from core.opening import open_territory
from core.requests.tests.making import listed
from core.territories.enabling import enable
from core.territories.jobs import jobs_here, standings
from core.territories.queries import load_places
from core.territories.service import change_settings
from core.territories.settings import read_settings, settings_of
from core.testing import Browser, Databases, make_plugin, make_professional, visitor
from core.web.visit import Visiting
from core.worker import round_trip
from plugins.programmes.members import enter
from plugins.programmes.settings import Settings as Programmes
from plugins.programmes.tests.making import programme


@dataclass(frozen=True)
class Tuned:
    """What `alpha` lets a territory tune."""

    days: int = number(7, 1, 30, "Délai", unit="jours")


HEARD: list[tuple[int, str]] = []


@get("/alpha", opt={"permission": "home.read"})
async def alpha_page(visit: Visiting) -> Response[str]:
    return Response("page alpha", media_type="text/plain")


async def hear(unit: Unit, event: Event) -> None:
    HEARD.append((unit.territory_id or 0, event.kind))


async def work(ctx: Ctx, unit: Unit) -> Ran:
    return Ran(Sentence("%(n)s ménages vus.", {"n": await unit.value(
        "SELECT count(*) FROM household")}))  # fmt: skip


def alpha() -> Any:
    tile = Part("alpha.tile", "core/x.html", "home.read", Read("alpha.tile", "SELECT to_json(1)"))
    return make_plugin(
        "alpha",
        title="Rubrique alpha",
        nav_items=lambda ctx, face: (
            (NavItem("Rubrique alpha", "/alpha", "home.read"),) if face == "admin" else ()
        ),
        register_routers=lambda face: (alpha_page,) if face == "admin" else (),
        register_settings=lambda: Tuned,
        register_tags=lambda: (Tag("alpha.seen", "Vu par alpha"),),
        register_criteria=lambda: (
            Criterion(
                "alpha.small",
                "Petit",
                "r.persons < 9",
                no="Trop",
                unknown="?",
                plain_no="Trop",
                plain_unknown="?",
            ),
        ),
        register_jobs=lambda: (Job("alpha.work", "Travail alpha", work),),
        register_event_kinds=lambda: (EventKind("alpha.done", "Fait par alpha"),),
        resident_cards=lambda ctx: (replace(tile, key="alpha.card", permission="nobody"),),
        on_event=hear,
    )


@dataclass
class Side:
    """One of the two: its context, a household, and its people's browsers."""

    ctx: Ctx
    ref: str
    desk: Browser
    resident: Browser
    word: str


@pytest_asyncio.fixture(loop_scope="session")
async def site(
    databases: Databases, settings: Settings, clock: StillClock
) -> AsyncIterator[Litestar]:
    """The application over a pool of its own, with nothing pinned: requests really run at once."""
    admin_url, app_url = await databases.fresh()
    await ENGINE.open(app_url, 6)
    app = create_app(settings, plugins=dict(discover()) | {"alpha": alpha()}, clock=clock)
    app.state.base.registry.strict = True
    HEARD.clear()
    try:
        await open_territory(slug="strasbourg", name="Strasbourg", clock=clock, langs=("fr",))
        await open_territory(
            slug="bruxelles", name="Bruxelles", clock=clock, langs=("fr", "nl"), country="BE",
            zone="Europe/Brussels", vocabulary="be",
        )  # fmt: skip
        yield app
    finally:
        await ENGINE.close()
        await databases.drop(admin_url)


async def side(app: Litestar, slug: str, word: str, plugin: str, lang: str) -> Side:
    """A territory with its plugin on, a household on its list, a coordinator and a resident."""
    base: Ctx = app.state.base
    ctx = await _with_places(base, slug)
    ctx = replace(ctx, face="admin")
    ctx = ctx.acting(await make_professional(ctx, "coordinator", name=f"Camille {word}"))
    async with ctx.unit() as unit:
        await enable(ctx, unit, plugin, "Essai")
    ctx = replace(await _with_places(base, slug), face="admin").acting(ctx.who)
    async with ctx.unit() as unit:
        request_id = await listed(unit, family=f"Canari{word}")
        row = await unit.row(
            "SELECT h.id, h.ref, m.person_id FROM housing_request r "
            "JOIN household h ON h.id = r.household_id "
            "JOIN membership m ON m.household_id = h.id WHERE r.id = $1",
            request_id,
        )
        assert row is not None
        if plugin == "programmes":
            programme_id, _ = await programme(unit, name=f"AMI {word}", public_name=f"Aide {word}")
            await enter(unit, programme_id, row["id"], on=unit.today, referent_id=None, words="")
        account = await resident_account(unit, row["person_id"])
    desk, mine = Browser(visitor(app)), Browser(visitor(app))
    await desk.sign_in(ctx, ctx.who, "admin")
    await mine.sign_in(ctx, Actor(kind="resident", account_id=account), "portal")
    return Side(ctx, row["ref"], desk, mine, word)


async def _with_places(base: Ctx, slug: str) -> Ctx:
    async with Unit(territory_id=None, clock=base.clock) as unit:
        return replace(base, territory=(await load_places(unit))[slug])


async def test_at_once_each_has_its_own(site: Litestar) -> None:
    stras = await side(site, "strasbourg", "Alsace", "programmes", "fr")
    brux = await side(site, "bruxelles", "Brabant", "alpha", "nl")
    site.state.places.forget()
    asked = [
        (stras, "desk", "/admin/strasbourg", 200, ("Programmes",), ("Rubrique alpha",)),
        (brux, "desk", "/admin/bruxelles", 200, ("Rubrique alpha",), ("/programmes",)),
        (stras, "desk", "/admin/strasbourg/programmes", 200, ("AMI Alsace",), ()),
        (brux, "desk", "/admin/bruxelles/programmes", 404, (), ("AMI",)),
        (brux, "desk", "/admin/bruxelles/alpha", 200, ("page alpha",), ()),
        (stras, "desk", "/admin/strasbourg/alpha", 404, (), ("page alpha",)),
        (stras, "desk", f"/admin/strasbourg/menages/{stras.ref}", 200,
         ("CanariAlsace", "AMI Alsace", "Référent SIAO", "le 115"), ()),
        (brux, "desk", f"/admin/bruxelles/menages/{brux.ref}", 200,
         ("CanariBrabant",), ("SIAO", "AMI", "le 115")),
        (brux, "desk", f"/admin/bruxelles/menages/{stras.ref}", 404, (), ()),
        (stras, "resident", "/strasbourg/fr/", 200, ("Aide Alsace", 'lang="fr"'), ()),
        (brux, "resident", "/bruxelles/nl/", 200, ('lang="nl"',), ("Aide",)),
        (brux, "resident", "/bruxelles/fr/donnees", 200, ("CanariBrabant",), ("SIAO", "Aide")),
        (stras, "resident", "/strasbourg/fr/donnees", 200, ("CanariAlsace", "Aide Alsace"), ()),
        (stras, "resident", "/strasbourg/nl/", 404, (), ()),
        (stras, "desk", "/admin/strasbourg/reglages/extensions", 200, ("Programmes",), ()),
    ]  # fmt: skip
    other = {"Alsace": "Brabant", "Brabant": "Alsace"}
    rng = Random(3)
    for _ in range(4):
        rng.shuffle(asked)

        async def ask(case: Any) -> None:
            who, whose, path, status, said, hidden = case
            answer = await getattr(who, whose).client.get(path)
            assert answer.status_code == status, path
            for word in said:
                assert word in answer.text, (path, word)
            for word in (*hidden, other[who.word]):
                assert word not in answer.text, (path, word)

        # All are waited for before any is judged: one left behind would keep its connection.
        for found in await asyncio.gather(*(ask(case) for case in asked), return_exceptions=True):
            if isinstance(found, BaseException):
                raise found
    for one in (stras, brux):
        await one.desk.client.aclose()
        await one.resident.client.aclose()


async def test_settings_jobs_criteria_and_events_are_each_its_own(site: Litestar) -> None:
    stras = await side(site, "strasbourg", "Alsace", "programmes", "fr")
    brux = await side(site, "bruxelles", "Brabant", "alpha", "nl")
    registry: Registry = site.state.base.registry
    for one, days in ((stras, 3), (brux, 20)):
        async with one.ctx.unit() as unit:
            await change_settings(
                unit, {"message_answer_days": days}, 0, starts_on=unit.today, why="Accord"
            )
    async with brux.ctx.unit() as unit:
        known = registry.tunables["alpha"]
        await change_settings(
            unit, {"days": 12}, 0, starts_on=unit.today, why="Accord", plugin="alpha", known=known
        )
    read = []
    for one in (stras, brux):
        async with one.ctx.unit() as unit:
            core = (await read_settings(unit)).message_answer_days
            read.append((core, (await settings_of(unit, "alpha", Tuned)).days,
                         await settings_of(unit, "programmes", Programmes)))  # fmt: skip
    assert [r[:2] for r in read] == [(3, 7), (20, 12)] and read[0][2] == read[1][2]
    mine = []
    for one in (stras, brux):
        async with one.ctx.unit() as unit:
            found = await conditions_here(one.ctx, unit)
            mine.append({condition.criterion.key for condition in found.all})
    assert "programmes.accompanied" in mine[0] - mine[1] and "alpha.small" in mine[1] - mine[0]
    assert "alpha.work" not in jobs_here(stras.ctx) and "alpha.work" in jobs_here(brux.ctx)
    # the worker visits both: who is on is told, of its own territory alone
    await round_trip(replace(site.state.base, actor=None))
    assert HEARD and {where for where, _ in HEARD} == {brux.ctx.place.id}
    async with brux.ctx.unit() as unit:
        ran = {s.key: s for s in await standings(brux.ctx, unit)}
        assert str(ran["alpha.work"].said) == "1 ménages vus."
        assert await unit.value("SELECT count(*) FROM delivery WHERE consumer = 'programmes'") == 0
    async with stras.ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM delivery WHERE consumer = 'alpha'") == 0
        assert await unit.value("SELECT count(*) FROM job_run WHERE plugin = 'alpha'") == 0
        assert (await household_id_of(unit, stras.ref)) > 0
