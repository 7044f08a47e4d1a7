"""What every installed plugin keeps, wherever it comes from: run over each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from core.app import CORE
from core.commands.words import COMPLETE, missing, plugin_domain
from core.extension.checks import HOOKS
from core.extension.context import Ctx
from core.extension.discovery import Plugin
from core.extension.inspection import RULES, implements, inspect_plugin
from core.extension.registry import Registry
from core.kernel.migrate import installed_apps
from core.kernel.upgrades import check_names
from core.testing import Browser, make_professional, turn_on, visitor

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


def test_every_rule_is_explained() -> None:
    table = re.findall(r"^\| `(\w+)` \|", (ROOT / "plugins" / "README.md").read_text(), re.M)
    assert table == list(RULES)


def test_migration_files_have_names_of_their_own() -> None:
    check_names(installed_apps())


AWAITED = {
    "obstacles": "commissions and support measures hold a referral back; tried in tests/plugins",
    "deny": "a file closed to somebody's relatives; tried in tests/plugins",
}
"""Hooks of the contract whose first plugin comes later, and which."""


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
    assert (uncalled, sorted(unused)) == ([], sorted(AWAITED))
