"""What every installed plugin keeps, wherever it comes from: run over each of them."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from core.app import CORE
from core.commands.words import COMPLETE, missing, plugin_domain
from core.extension import contributions
from core.extension.checks import HOOKS
from core.extension.context import Ctx
from core.extension.discovery import Plugin
from core.extension.inspection import RULES, implements, inspect_plugin
from core.extension.registry import Registry
from core.extension.timeline import TimeLine
from core.households.service import NewPerson, create_household
from core.kernel.clock import StillClock
from core.kernel.migrate import installed_apps
from core.kernel.unit import Unit
from core.kernel.upgrades import check_names
from core.rights.service import erase
from core.testing import Browser, make_place, make_professional, turn_on, visitor

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = Registry.build(CORE)
PLUGINS = list(REGISTRY.plugins.values())

each = pytest.mark.parametrize("plugin", PLUGINS, ids=lambda p: p.name)


def pages(app: Litestar, plugin: Plugin) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """(method, address with its places filled, handler) of each page of a plugin."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if not isinstance(handler, HTTPRouteHandler):
                continue
            if handler.opt.get("plugin") != plugin.name:
                continue
            path = route.path.replace("{territory:str}", "essai").replace("{lang:str}", "fr")
            path = re.sub(r"\{\w+:int\}", "1", path)
            path = re.sub(r"\{\w+:(?!int)\w+\}", "ABCDEFGHJK", path)
            for method in handler.http_methods - {"OPTIONS"}:
                yield method, path, handler


@each
def test_it_has_nothing_to_mend(plugin: Plugin) -> None:
    assert inspect_plugin(plugin) == []


@each
def test_residents_read_it_in_every_finished_language(plugin: Plugin) -> None:
    domain = plugin_domain(REGISTRY, plugin)
    assert [fault for lang in COMPLETE for fault in missing(domain, lang)] == []


@each
def test_its_keys_begin_with_its_name(plugin: Plugin) -> None:
    """So that no other plugin, written elsewhere, can take them."""
    brought = [
        key for what in ("permission", "event kind") for key in REGISTRY.brought(what, plugin.name)
    ]
    assert [key for key in brought if not key.startswith(f"{plugin.name}.")] == []


@each
def test_every_permission_of_it_is_asked_somewhere(plugin: Plugin) -> None:
    """A permission that nothing asks is a promise that nothing keeps."""
    folder = plugin.templates_dir
    files = [*plugin.files(), *(folder.rglob("*.html") if folder else ())]
    source = "\n".join(path.read_text() for path in files).replace("'", '"')
    keys = REGISTRY.brought("permission", plugin.name)
    # Once where it is registered: what asks it comes on top.
    assert [key for key in keys if source.count(f'"{key}"') < 2] == []


@each
def test_it_says_who_sees_it_as_its_permissions_do(plugin: Plugin) -> None:
    """`seen_by` is what the switching page says: nobody else may come in, and none is forgotten."""
    roles = {
        role for key in REGISTRY.brought("permission", plugin.name)
        for role in REGISTRY.permissions[key].roles
    }  # fmt: skip
    if implements(plugin, "resident_cards") or "resident" in roles:
        roles |= {"resident"}
    assert roles - set(plugin.manifest.seen_by) == set()


@each
async def test_where_it_is_off_no_page_of_it_is_there(
    plugin: Plugin, ctx: Ctx, app: Litestar
) -> None:
    async with visitor(app) as client:
        browser = Browser(client)
        await browser.sign_in(ctx, ctx.who, "admin")
        for method, path, _ in pages(app, plugin):
            sent = browser.get(path) if method == "GET" else browser.post(path)
            assert (await sent).status_code == 404, (method, path)


@each
async def test_who_may_not_does_not_come_in(plugin: Plugin, ctx: Ctx, app: Litestar) -> None:
    """Nobody signed in is led to sign in; somebody without the permission is refused."""
    await turn_on(app, ctx.place.slug, *REGISTRY.plugins)
    stranger = await make_professional(ctx, name="Sans rôle")
    async with visitor(app) as outside, visitor(app) as inside:
        nobody, somebody = Browser(outside), Browser(inside)
        await somebody.sign_in(ctx, stranger, "admin")
        for method, path, handler in pages(app, plugin):
            if handler.opt["permission"] == "public":
                continue
            sent = nobody.get(path) if method == "GET" else nobody.post(path)
            assert (await sent).status_code in (302, 303, 401), (method, path)
            if handler.opt["face"] != "admin" or handler.opt["permission"] == "signed_in":
                continue
            sent = somebody.get(path) if method == "GET" else somebody.post(path)
            assert (await sent).status_code in (302, 303, 401, 403), (method, path)


_LINKED = """
SELECT c.table_name::text AS name, array_agg(c.column_name::text) AS links
FROM information_schema.columns c WHERE c.table_schema = $1
  AND c.column_name IN ('household_id', 'person_id') GROUP BY 1 ORDER BY 1
"""


async def _linked(unit: Unit, plugin: Plugin) -> dict[str, list[str]]:
    """The plugin's tables whose rows are of a household or a person, with how."""
    rows = await unit.fetch(_LINKED, f"plugin_{plugin.name}")
    return {f"plugin_{plugin.name}.{r['name']}": r["links"] for r in rows}


async def _words(unit: Unit, table: str, household_id: int, person_id: int) -> set[str]:
    """What a table's rows of this household say in words: more than one, codes and ids aside."""
    found = set()
    for row in await unit.fetch(
        f"SELECT to_jsonb(t)::text AS row FROM {table} t WHERE to_jsonb(t) ->> 'household_id' = $1 "
        "OR to_jsonb(t) ->> 'person_id' = $2",
        str(household_id),
        str(person_id),
    ):
        values = json.loads(row["row"]).values()
        found |= {v for v in values if isinstance(v, str) and " " in v}
    return found


@each
async def test_after_an_erasure_no_row_of_it_holds_the_person(
    plugin: Plugin, ctx: Ctx, clock: StillClock
) -> None:
    """Somebody of its own demonstration asks for erasure: nothing it wrote of them is left."""
    place = await make_place(clock, "strasbourg", "Strasbourg")
    there = replace(ctx, territory=place)
    there = there.acting(await make_professional(there, "administrator", "coordinator"))
    async with there.unit() as unit:
        linked = await _linked(unit, plugin)
    if not linked:
        return
    assert implements(plugin, "export_personal_data"), "it holds people's rows: it owes a copy"
    assert implements(plugin, "erase_personal_data"), "it holds people's rows: it owes an erasure"
    async with there.unit() as unit:
        for number in range(6):
            await create_household(unit, [NewPerson(f"Obsidienne{number}", "Porphyre")])
        drawn = await _drawn(there, unit, plugin)
        rows = await unit.fetch(
            "SELECT m.household_id, m.person_id, p.family_name FROM membership m "
            "JOIN person p ON p.id = m.person_id ORDER BY m.household_id"
        )
        said = 0
        for row in rows:
            home, person = row["household_id"], row["person_id"]
            before = {t: await _words(unit, t, home, person) for t in linked}
            said += sum(map(len, before.values()))
            await erase(there, unit, home, person, basis="asked", reason="Essai")
            for table, links in linked.items():
                assert await _words(unit, table, home, person) & before[table] == set(), table
                if "person_id" in links:
                    left = await unit.value(
                        f"SELECT count(*) FROM {table} WHERE person_id = $1",
                        person,
                    )
                    assert left == 0, table
                everything = await unit.fetch(f"SELECT t::text AS row FROM {table} t")
                assert not any(row["family_name"] in r["row"] for r in everything), table
            assert (
                await unit.value("SELECT count(*) FROM past_version WHERE household_id = $1", home)
                == 0
            )
    assert not drawn or said, "its demonstration wrote nothing of anybody: nothing was tried"


async def _drawn(ctx: Ctx, unit: Unit, plugin: Plugin) -> bool:
    """Whether its demonstration drew something here."""
    for impl in REGISTRY.pm.hook.demo_data.get_hookimpls():
        if impl.plugin_name == plugin.name:
            two_years = unit.today - timedelta(days=730)
            line = TimeLine(unit, two_years, unit.today, unit.today)
            given = {"ctx": ctx, "unit": unit, "rng": Random(7), "line": line}
            return bool(await impl.function(*(given[a] for a in impl.argnames)))
    return False


def test_every_rule_is_explained() -> None:
    table = re.findall(r"^\| `(\w+)` \|", (ROOT / "plugins" / "README.md").read_text(), re.M)
    assert table == list(RULES)


def test_the_page_of_authors_names_each_hook_and_each_value_as_they_are() -> None:
    page = (ROOT / "plugins" / "README.md").read_text()
    for name, spec in HOOKS.items():
        asked = [one for one in inspect.signature(spec).parameters if one != "self"]
        assert f"`{name}({', '.join(asked)})`" in page, name
    told = re.findall(r"\b([A-Z]\w+)\(([a-z_, |]+)\)", page[: page.index("## 4.")])
    assert len(told) >= 11
    for name, given in told:
        known = fields(getattr(contributions, name))
        needed = [f.name for f in known if f.default is MISSING and f.default_factory is MISSING]
        others = [f.name for f in known if f.name not in needed]
        told_needed, _, told_others = given.partition(" | ")
        assert told_needed.split(", ") == needed, name
        assert [one for one in told_others.split(", ") if one] == others, name


def test_migration_files_have_names_of_their_own() -> None:
    check_names(installed_apps())


def test_every_hook_is_called_and_used() -> None:
    """A hook that nobody calls is a promise broken; one that nobody implements has no user."""
    source = {
        path: path.read_text()
        for folder in ("core", "portal", "admin", "plugins")
        for path in (ROOT / folder).rglob("*.py")
        if "tests" not in path.parts and path.name != "hookspecs.py"
    }
    core = "\n".join(text for path, text in source.items() if path.is_relative_to(ROOT / "core"))
    everywhere = "\n".join(source.values())
    uncalled = [name for name in HOOKS if not re.search(rf'["\'.]{name}\b', core)]
    unused = [
        name for name in HOOKS if not re.search(rf"@hookimpl\n(async )?def {name}\(", everywhere)
    ]
    assert (uncalled, unused) == ([], [])
