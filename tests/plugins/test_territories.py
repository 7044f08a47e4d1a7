"""Two territories in one process: other plugins, settings, words and data in each, none leaking."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from core.app import CORE, create_app
from core.extension.context import Ctx, Place
from core.extension.contributions import (
    Criterion,
    Job,
    Obligation,
    Obstacle,
    Part,
    Ran,
    Read,
    Tag,
)
from core.extension.duties import erase_of, export_of
from core.extension.registry import Registry, RegistryError
from core.extension.tunables import number, words
from core.kernel.clock import StillClock
from core.kernel.errors import Conflict, Denied, Invalid, NotFound, Refused
from core.kernel.settings import Settings
from core.kernel.unit import Unit
from core.kernel.words import Sentence
from core.matching.criteria import judge, shortlist_here
from core.matching.tests.test_lists import vacancy
from core.requests.tags import tag, tags_of, untag
from core.requests.tests.making import listed
from core.territories.enabling import disable, enable, enabling_history
from core.territories.holding import refused_criteria
from core.territories.jobs import run_due, run_job, standings
from core.territories.queries import load_places
from core.territories.service import change_settings
from core.territories.settings import settings_of
from core.testing import Browser, make_place, make_plugin, make_professional, turn_on, visitor
from core.web.parts import read_parts


@dataclass(frozen=True)
class Tuned:
    """What the plugin `alpha` lets a territory tune."""

    days: int = number(7, 1, 30, "Délai", unit="jours")
    motto: str = words("", "Devise")


async def two_run(ctx: Ctx, unit: Unit) -> Sequence[Obligation]:
    return (Obligation("%(count)s mesures", 2), Obligation("%(count)s rien", 0))


def installed(**more: Any) -> Registry:
    """`alpha` with what a test gives it, and `beta` that depends on it."""
    plugins = {
        "alpha": make_plugin("alpha", title="Alpha", register_settings=lambda: Tuned, **more),
        "beta": make_plugin("beta", title="Bêta", depends=("alpha",)),
    }
    return Registry.build(CORE, plugins)


def with_registry(ctx: Ctx, registry: Registry, *on: str) -> Ctx:
    place = replace(ctx.place, plugins=frozenset(on))
    return replace(ctx, registry=registry, territory=place)


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere(ctx: Ctx, clock: StillClock) -> Ctx:
    """A coordinator of another territory."""
    there: Place = await make_place(clock, "ailleurs", "Ailleurs")
    other = replace(ctx, territory=there)
    return other.acting(await make_professional(other, "coordinator", name="Nour Meyer"))


async def held(ctx: Ctx) -> Ctx:
    """The same context with the place as the database has it now."""
    async with Unit(territory_id=None, clock=ctx.clock) as unit:
        return replace(ctx, territory=(await load_places(unit))[ctx.place.slug])


# -- switching ---------------------------------------------------------------------------------


async def test_switching_is_an_act_with_its_author_in_one_territory_only(
    ctx: Ctx, elsewhere: Ctx
) -> None:
    here = with_registry(ctx, installed())
    async with here.unit() as unit:
        await enable(here, unit, "alpha", "Convention signée")
    assert (await held(here)).place.plugins == {"alpha"}
    assert (await held(elsewhere)).place.plugins == frozenset()
    async with here.unit() as unit:
        await disable(here, unit, "alpha", "Fin de l’essai")
        past = await enabling_history(unit, "alpha")
    assert [(p["enabled"], p["why"], p["author"]) for p in past] == [
        (False, "Fin de l’essai", "Camille Roth"),
        (True, "Convention signée", "Camille Roth"),
    ]
    place = (await held(here)).place
    assert (place.plugins, place.former) == (frozenset(), {"alpha"})
    async with elsewhere.unit() as unit:
        assert await enabling_history(unit, "alpha") == []


async def test_what_it_stands_on_comes_first_and_goes_last(ctx: Ctx) -> None:
    here = with_registry(ctx, installed())
    async with here.unit() as unit:
        with pytest.raises(Refused, match="Activez"):
            await enable(here, unit, "beta", "Essai")
        await enable(here, unit, "alpha", "Essai")
        await enable(here, unit, "beta", "Essai")
        with pytest.raises(Refused, match="Désactivez"):
            await disable(here, unit, "alpha", "Essai")
        with pytest.raises(Conflict):
            await enable(here, unit, "alpha", "Encore")
        with pytest.raises(Invalid):
            await disable(here, unit, "beta", " ")
        with pytest.raises(NotFound):
            await enable(here, unit, "gamma", "Essai")


async def test_what_runs_is_read_before_it_is_switched_off(ctx: Ctx) -> None:
    here = with_registry(ctx, installed(obligations=two_run))
    async with here.unit() as unit:
        await enable(here, unit, "alpha", "Essai")
        with pytest.raises(Refused, match="engagements"):
            await disable(here, unit, "alpha", "Essai", knowing=1)
        await disable(here, unit, "alpha", "Essai", knowing=2)


async def test_a_failing_on_enablement_undoes_the_switching(ctx: Ctx) -> None:
    async def on_enablement(ctx: Ctx, unit: Unit, enabled: bool) -> None:
        raise ValueError("no room")

    here = with_registry(ctx, installed(on_enablement=on_enablement))
    with pytest.raises(ValueError, match="no room"):
        async with here.unit() as unit:
            await enable(here, unit, "alpha", "Essai")
    assert (await held(here)).place.plugins == frozenset()


async def test_only_those_who_set_the_territory_switch(ctx: Ctx) -> None:
    here = with_registry(ctx, installed())
    here = here.acting(await make_professional(ctx, "social_worker", name="Lou Klein"))
    async with here.unit() as unit:
        with pytest.raises(Denied):
            await enable(here, unit, "alpha", "Essai")


async def test_the_page_says_it_all_and_switches(
    ctx: Ctx, elsewhere: Ctx, settings: Settings, clock: StillClock
) -> None:
    plugins = {
        "alpha": make_plugin(
            "alpha",
            title="Programme alpha",
            purpose="Suivre ce que le territoire a promis.",
            data=(("Date d’entrée au programme", "justice"),),
            seen_by=("coordinator",),
            register_settings=lambda: Tuned,
            obligations=two_run,
        )
    }
    app = create_app(settings, plugins=plugins | faces(), clock=clock)
    app.state.base.registry.strict = True
    async with visitor(app) as client:
        desk = Browser(client)
        await desk.sign_in(ctx, ctx.who, "admin")
        page = "/admin/essai/reglages/extensions"
        assert (await desk.get(page)).status_code == 200
        assert "Programme alpha" in desk.text() and "Désactivée" in desk.text()
        await desk.get(f"{page}/alpha")
        for said in ("Date d’entrée au programme", "Justice", "Jamais activée", "promis"):
            assert said in desk.text()
        assert (await desk.post(f"{page}/alpha/activer", {"why": ""})).status_code == 422
        assert (await desk.post(f"{page}/alpha/activer", {"why": "Accord"})).status_code == 303
        await desk.follow()
        assert "Accord" in desk.text() and "2 mesures" in desk.text()
        off = await desk.post(f"{page}/alpha/desactiver", {"why": "Fin", "knowing": "2"})
        assert off.status_code == 409
        sent = {"why": "Fin", "knowing": "2", "confirmed": "yes"}
        assert (await desk.post(f"{page}/alpha/desactiver", sent)).status_code == 303
        tuned = {"days": "9", "motto": "Ensemble", "starts_on": "2026-04-01", "why": "Accord",
                 "version": "0"}  # fmt: skip
        await desk.get(f"{page}/alpha/regler")
        assert "Devise" in desk.text()
        wrong = await desk.post(f"{page}/alpha/regler", {**tuned, "days": "99", "colour": "red"})
        assert wrong.status_code == 422
        assert (await desk.post(f"{page}/alpha/regler", tuned)).status_code == 303
        await desk.follow()
        assert "À venir" in desk.text() and "9 jours" in desk.text()
        await desk.get("/admin/essai/reglages/comparer?de=alpha&avant=2026-03-12&apres=2026-04-01")
        assert "2 réglages diffèrent" in desk.text() and "7 jours" in desk.text()
    async with elsewhere.unit() as unit:
        assert await settings_of(unit, "alpha", Tuned, unit.today + timedelta(days=90)) == Tuned()


def faces() -> dict[str, Any]:
    from core.extension.discovery import FACES, discover

    return dict(discover((FACES,)))


# -- settings ----------------------------------------------------------------------------------


async def test_a_value_takes_force_later_and_in_one_territory(ctx: Ctx, elsewhere: Ctx) -> None:
    known = installed().tunables["alpha"]
    async with ctx.unit() as unit:
        later = unit.today + timedelta(days=10)
        args = {"starts_on": later, "why": "Accord", "plugin": "alpha", "known": known}
        assert await change_settings(unit, {"days": 20}, 0, **args) == 1
        assert (await settings_of(unit, "alpha", Tuned)).days == 7
        assert (await settings_of(unit, "alpha", Tuned, later)).days == 20
        with pytest.raises(Invalid) as refused:
            await change_settings(unit, {"dais": 20}, 0, **args)
        assert refused.value.errors == {"dais": "Ce réglage n’existe pas."}
    async with elsewhere.unit() as unit:
        assert (await settings_of(unit, "alpha", Tuned, later)).days == 7


def test_settings_without_words_refuse_to_start() -> None:
    @dataclass(frozen=True)
    class Bare:
        days: int = 3

    with pytest.raises(RegistryError, match=r"alpha: register_settings: Bare.days has no words"):
        Registry.build(CORE, {"alpha": make_plugin("alpha", register_settings=lambda: Bare)})


# -- tags and criteria -------------------------------------------------------------------------

OUT = Tag("alpha.leaver", "Sortie d’établissement", field_class="justice")


def criterion(sql: str, **more: Any) -> Criterion:
    return Criterion("alpha.c", "Essai", sql, "Non.", "À voir.", **more)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("(SELECT true)", "it reads select"),
        ("count(r.persons) > 1", r"it calls count\(\)"),
        ("pg_sleep(1) IS NULL", r"it calls pg_sleep\(\)"),
        ("h.phone IS NULL", "it reads h.phone"),
        ("r.age > 3", "it reads r.age"),
        ("{tag:alpha.unknown}", "no tag is named"),
        ("r.persons > :setting_size", ":setting_size is bound to nothing"),
        ("true; DROP TABLE household", "no comment"),
        ("r.persons > (1", "parentheses"),
    ],
)
def test_a_predicate_reads_only_the_facts(sql: str, said: str) -> None:
    with pytest.raises(RegistryError, match=f"alpha: the criterion 'alpha.c': .*{said}"):
        installed(register_criteria=lambda: (criterion(sql),))


async def test_what_postgresql_refuses_holds_its_plugin_only(ctx: Ctx) -> None:
    registry = installed(register_criteria=lambda: (criterion("r.persons > 'many'"),))
    async with ctx.unit() as unit:
        assert set(await refused_criteria(registry, unit)) == {"alpha"}
        good = installed(register_criteria=lambda: (criterion("r.persons >= :setting_days"),))
        assert await refused_criteria(good, unit) == {}


async def test_a_tag_is_dated_said_once_and_read_by_class(ctx: Ctx, elsewhere: Ctx) -> None:
    here = with_registry(ctx, installed(register_tags=lambda: (OUT,)), "alpha")
    async with here.unit() as unit:
        request_id = await listed(unit)
        first = await tag(unit, request_id, OUT.key, reason="Levée d’écrou")
        assert await tag(unit, request_id, OUT.key) == first
        facts = "SELECT tags FROM request_facts WHERE request_id = $1"
        assert await unit.value(facts, request_id) == [OUT.key]
        catalogue = here.registry.tags
        assert [t["label"] for t in await tags_of(unit, request_id, catalogue,
                                                  frozenset({"justice"}))] == [OUT.label]  # fmt: skip
        assert await tags_of(unit, request_id, catalogue, frozenset({"social"})) == []
        await untag(unit, request_id, OUT.key, reason="Terminé")
        assert await unit.value(facts, request_id) is None
        with pytest.raises(Refused):
            await untag(unit, request_id, OUT.key)
    async with elsewhere.unit() as unit:
        with pytest.raises(NotFound):
            await tag(unit, request_id, OUT.key)
        assert await unit.value("SELECT count(*) FROM request_tag") == 0


async def test_a_criterion_is_yes_no_or_to_be_checked_and_hides_what_may_not_be_read(
    ctx: Ctx,
) -> None:
    def judged_by(sql: str, **more: Any) -> Ctx:
        registry = installed(
            register_tags=lambda: (OUT,), register_criteria=lambda: (criterion(sql, **more),)
        )
        return with_registry(ctx, registry, "alpha")

    async with ctx.unit() as unit:
        request_id = await listed(unit)
        vacancy_id = await vacancy(unit)
        await tag(unit, request_id, OUT.key)

        found = await shortlist_here(judged_by("NOT {tag:alpha.leaver}"), unit, vacancy_id)
        assert found == []
        found = await shortlist_here(judged_by("{tag:alpha.leaver}"), unit, vacancy_id)
        assert [one.request_id for one in found] == [request_id]

        async def says(here: Ctx) -> Any:
            found = (await judge(here, unit, vacancy_id, [request_id]))[request_id]
            return (tuple(map(str, found.against)), tuple(map(str, found.doubts)), found.out)

        assert await says(judged_by("{tag:alpha.leaver}")) == ((), (), False)
        assert await says(judged_by("NOT {tag:alpha.leaver}")) == (("Non.",), (), True)
        assert await says(judged_by("r.accessible_needed")) == ((), ("À voir.",), False)
        soft = judged_by("NOT {tag:alpha.leaver}", hard=False, field_class="justice")
        assert await says(soft) == (("Non.",), (), False)
        blind = soft.acting(await make_professional(ctx, "observer", name="Inès"))
        assert await says(blind) == (("Une autre condition n’est pas remplie.",), (), False)
        off = with_registry(ctx, soft.registry)
        assert await judge(off, unit, vacancy_id, [request_id]) == {}


# -- jobs --------------------------------------------------------------------------------------


def job(run: Callable[[Ctx, Unit], Awaitable[Any]]) -> Any:
    return lambda: (Job("alpha.work", "Travail", run, every=timedelta(hours=1), seconds=1),)


async def test_a_job_runs_when_due_where_it_is_on_and_is_kept(
    ctx: Ctx, elsewhere: Ctx, clock: StillClock
) -> None:
    async def work(ctx: Ctx, unit: Unit) -> Ran:
        return Ran(Sentence("%(n)s faits.", {"n": 3}))

    registry = installed(register_jobs=job(work))
    here = with_registry(ctx, registry, "alpha").acting(None)  # type: ignore[arg-type]
    await run_due(here)
    await run_due(here)
    async with here.unit() as unit:
        runs = await unit.fetch("SELECT said, error FROM job_run WHERE job = 'alpha.work'")
        stands = {one.key: one for one in await standings(here, unit)}
        assert stands["alpha.work"].due_at == unit.now + timedelta(hours=1)
    assert [tuple(r) for r in runs] == [("%(n)s faits.", "")]
    clock.advance(timedelta(minutes=61))
    await run_due(here)
    async with here.unit() as unit:
        assert await unit.value("SELECT count(*) FROM job_run WHERE job = 'alpha.work'") == 2
    with pytest.raises(NotFound):
        await run_job(with_registry(elsewhere, registry), "alpha.work", asked=True)


@pytest.mark.parametrize("way", ["raises", "hangs", "sleeps in SQL", "wrong type"])
async def test_a_job_that_fails_is_undone_kept_and_tried_again(
    ctx: Ctx, clock: StillClock, way: str
) -> None:
    import asyncio

    async def work(ctx: Ctx, unit: Unit) -> Any:
        unit.record("territory.sector_opened")
        await unit.fetch("INSERT INTO area (name) VALUES ('Jamais')")
        if way == "raises":
            raise ValueError("a name that must not be kept")
        if way == "hangs":
            await asyncio.sleep(30)
        if way == "sleeps in SQL":
            await unit.fetch("SELECT pg_sleep(30)")
        return "done"

    here = with_registry(ctx, installed(register_jobs=job(work)), "alpha")
    assert await run_job(here, "alpha.work") is None
    async with here.unit() as unit:
        assert await unit.value("SELECT count(*) FROM area WHERE name = 'Jamais'") == 0
        one = next(s for s in await standings(here, unit) if s.key == "alpha.work")
        assert (one.failures, one.due_at) == (1, unit.now + timedelta(minutes=5))
        assert one.last is not None and "name" not in one.last["error"] and one.last["error"]


# -- what refuses ------------------------------------------------------------------------------


async def test_deny_and_obstacles_restrict_and_fail_closed(ctx: Ctx) -> None:
    from core.households.queries import household_id_of
    from core.requests.queries import request_id_of

    async def deny(ctx: Ctx, unit: Unit, permission: str, household_id: int) -> str | None:
        return "Ce dossier est celui d’un proche." if permission == "households.read" else None

    async def broken(ctx: Ctx, unit: Unit, request_id: int) -> Sequence[Obstacle]:
        await unit.fetch("SELECT nothing FROM nowhere")
        return ()

    here = with_registry(ctx, installed(deny=deny, obstacles=broken), "alpha")
    off = with_registry(ctx, here.registry)
    async with off.unit() as unit:
        request_id = await listed(unit)
        row = await unit.row(
            "SELECT h.ref, r.ref AS request FROM household h JOIN housing_request r "
            "ON r.household_id = h.id WHERE r.id = $1",
            request_id,
        )
        assert row is not None
        assert await household_id_of(unit, row["ref"])
        assert await unit.obstacles(request_id, 1) == ()
    async with here.unit() as unit:
        with pytest.raises(Denied, match="proche"):
            await household_id_of(unit, row["ref"])
        assert await request_id_of(unit, row["request"]) == request_id
        found = await unit.obstacles(request_id, 1)
        assert [o.key for o in found] == ["alpha.failed"]
        assert "Alpha" in str(found[0].text)
        # the Unit goes on after the failure
        assert await unit.value("SELECT 1") == 1


# -- parts -------------------------------------------------------------------------------------


def tile(n: int, sql: str = "SELECT to_json(1)", **more: Any) -> Part:
    key = f"alpha.{n}"
    return Part(key, "core/x.html", "home.read", Read(key, sql), **more)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (lambda: tile(2, "SELECT to_json(1/0)"), "raises in SQL"),
        (lambda: tile(2, "SELECT to_json(pg_sleep(20)::text)"), "hangs"),
        (lambda: tile(2, shape=lambda value: value["x"]), "cannot be shaped"),
        (lambda: tile(2, shape=lambda value: 3), "shapes something else"),
    ],
)
async def test_a_bad_part_costs_only_itself(ctx: Ctx, bad: Any, why: str) -> None:
    registry = installed(dashboard_tiles=lambda ctx: (tile(1), bad(), tile(3)))
    here = with_registry(ctx, registry, "alpha")
    async with here.unit() as unit:
        shown = await read_parts(here, unit, here.hooks.gather("dashboard_tiles", ctx=here))
        assert [(s.part.key, s.failed) for s in shown] == [
            ("alpha.1", False),
            ("alpha.2", True),
            ("alpha.3", False),
        ]
        assert await unit.value("SHOW statement_timeout") in ("0", "30s")


async def test_a_flood_and_a_wrong_type_leave_the_neighbours(ctx: Ctx) -> None:
    plugins = {
        "alpha": make_plugin("alpha", dashboard_tiles=lambda ctx: [tile(n) for n in range(500)]),
        "beta": make_plugin("beta", dashboard_tiles=lambda ctx: ("<b>tile</b>",)),
        "gamma": make_plugin("gamma", dashboard_tiles=lambda ctx: (tile(1),)),
    }
    here = with_registry(ctx, Registry.build(CORE, plugins), *plugins)
    assert len(here.hooks.gather("dashboard_tiles", ctx=here)) == 21
    here.registry.strict = True
    with pytest.raises(TypeError, match="something else than Part"):
        here.hooks.gather("dashboard_tiles", ctx=here)


@pytest.mark.parametrize("count", [0, 1, 6])
async def test_the_parts_of_all_plugins_are_one_statement(ctx: Ctx, count: int) -> None:
    from core.testing import counting

    plugins = {
        f"p{n}": make_plugin(f"p{n}", dashboard_tiles=lambda ctx: (tile(1), tile(2)))
        for n in range(count)
    }
    here = with_registry(ctx, Registry.build(CORE, plugins), *plugins)
    async with here.unit() as unit:
        with counting() as sent:
            shown = await read_parts(here, unit, here.hooks.gather("dashboard_tiles", ctx=here))
    assert (len(sent), len(shown)) == (min(count, 1), 2 * count)


async def test_what_the_law_wants_shown_stays_where_it_was_on(ctx: Ctx) -> None:
    parts = (tile(1, lasting=True), tile(2), tile(3, "SELECT NULL::json", lasting=True))
    registry = installed(dashboard_tiles=lambda ctx: parts)

    async def seen(**place: frozenset[str]) -> list[str]:
        here = replace(ctx, registry=registry, territory=replace(ctx.place, **place))
        async with here.unit() as unit:
            found = await read_parts(here, unit, here.hooks.gather("dashboard_tiles", ctx=here))
        return [s.part.key for s in found]

    assert await seen(plugins=frozenset({"alpha"})) == ["alpha.1", "alpha.2"]
    assert await seen(former=frozenset({"alpha"})) == ["alpha.1"]
    assert await seen() == []


# -- duties ------------------------------------------------------------------------------------


async def test_duties_are_asked_of_every_plugin_on_or_off(ctx: Ctx) -> None:
    erased: list[int] = []

    async def export_personal_data(ctx: Ctx, unit: Unit, person_id: int) -> dict[str, Any]:
        return {"person": person_id}

    async def erase_personal_data(unit: Unit, person_id: int) -> None:
        erased.append(person_id)

    here = with_registry(
        ctx,
        installed(
            export_personal_data=export_personal_data, erase_personal_data=erase_personal_data
        ),
    )
    async with here.unit() as unit:
        assert await export_of(here, unit, 7) == {"alpha": {"person": 7}}
        await erase_of(here, unit, 7)
    assert erased == [7]


async def test_a_plugin_off_here_answers_there(
    ctx: Ctx, elsewhere: Ctx, settings: Settings, clock: StillClock
) -> None:
    """Side by side in one process: the same home, with and without."""
    app = create_app(
        settings,
        plugins={"alpha": make_plugin("alpha", nav_items=_nav)} | faces(),
        clock=clock,
    )
    await turn_on(app, "ailleurs", "alpha")
    async with visitor(app) as client, visitor(app) as other:
        desk, there = Browser(client), Browser(other)
        await desk.sign_in(ctx, ctx.who, "admin")
        await there.sign_in(elsewhere, elsewhere.who, "admin")
        await desk.get("/admin/essai")
        assert "Rubrique alpha" not in desk.text()
        await there.get("/admin/ailleurs")
        assert "Rubrique alpha" in there.text()


def _nav(ctx: Ctx, face: str) -> Any:
    from core.extension.contributions import NavItem

    return (NavItem("Rubrique alpha", "/alpha", "home.read"),)
