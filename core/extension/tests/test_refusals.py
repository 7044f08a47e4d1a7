"""A zoo of wrong plugins: each refuses to start with its name and what to do about it."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from litestar import get

from core.app import CORE, create_app
from core.extension import discovery
from core.extension.contributions import EventKind, Permission
from core.extension.discovery import discover
from core.extension.hookspecs import hookimpl
from core.extension.registry import Registry, RegistryError
from core.extension.tests.making import APP, TABLES, load_plugin, package_of, write_plugin
from core.kernel.settings import Settings
from core.testing import make_plugin


def build(**plugins: Any) -> Registry:
    return Registry.build(CORE, {**discover(), **plugins})


def refused(*said: str, **plugins: Any) -> None:
    """Starting with these fails, and the message says all of it."""
    with pytest.raises(RegistryError) as error:
        build(**plugins)
    for part in said:
        assert part in str(error.value)


def page(path: str, permission: str | None = "signed_in", **opt: Any) -> Any:
    opt = {**({"permission": permission} if permission else {}), **opt}

    @get(path, opt=opt, sync_to_thread=False)
    def handler() -> str:
        return ""

    return handler


def routers(*handlers: Any) -> Any:
    def register_routers(face: str) -> Any:
        return handlers if face == "admin" else ()

    return register_routers


# -- names --------------------------------------------------------------------------------------


def test_two_installed_under_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    twins = [EntryPoint("essai", f"{p}.plugin", discovery.PLUGINS) for p in ("un", "deux")]
    monkeypatch.setattr(discovery, "entry_points", lambda group: twins)
    with pytest.raises(RegistryError, match=r"two extensions are named 'essai' \(deux\.plugin and"):
        discover()


def test_one_distribution_seen_twice_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    same = [EntryPoint("admin", "admin.face", discovery.FACES)] * 2
    monkeypatch.setattr(discovery, "entry_points", lambda group: same if "faces" in group else [])
    assert list(discover()) == ["admin"]


def test_one_that_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = [EntryPoint("essai", "nowhere.plugin", discovery.PLUGINS)]
    monkeypatch.setattr(
        discovery, "entry_points", lambda group: gone if group == discovery.PLUGINS else []
    )
    with pytest.raises(RegistryError, match=r"essai: nowhere\.plugin cannot be loaded"):
        discover()


def test_without_a_manifest() -> None:
    refused("essai: no MANIFEST", essai=object())


def test_a_permission_that_exists() -> None:
    def register_permissions() -> Any:
        return [Permission("households.read", "Lire", frozenset())]

    plugin = make_plugin("essai", register_permissions=register_permissions)
    refused("essai: the permission 'households.read' exists already (of core)", essai=plugin)


def test_an_event_kind_of_two_plugins() -> None:
    def register_event_kinds() -> Any:
        return [EventKind("slip.written", "Un mot a été écrit")]

    refused(
        "b: the event kind 'slip.written' exists already (of a)", "b.written",
        a=make_plugin("a", register_event_kinds=register_event_kinds),
        b=make_plugin("b", register_event_kinds=register_event_kinds),
    )  # fmt: skip


@pytest.mark.parametrize("path", ["/menages", "/menages/{name:str}"])
def test_an_address_that_exists(path: str) -> None:
    plugin = make_plugin("essai", register_routers=routers(page(path)))
    with pytest.raises(RegistryError, match=f"essai: GET {path}.* is an address of admin already"):
        create_app(
            Settings.from_env({"SEUIL_ENV": "test"}), plugins={**discover(), "essai": plugin}
        )


def test_an_address_of_two_plugins() -> None:
    one = make_plugin("un", register_routers=routers(page("/mot")))
    two = make_plugin("deux", register_routers=routers(page("/mot")))
    with pytest.raises(RegistryError, match=r"un: GET /mot .*of deux already"):
        create_app(
            Settings.from_env({"SEUIL_ENV": "test"}), plugins={**discover(), "un": one, "deux": two}
        )


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (page("/mot", None), "essai: the page /mot names no permission"),
        (page("/mot", "slips.read"), "'slips.read', which nobody registered"),
        (page("/mot", plugin="autre"), "essai: /mot says it is of 'autre'"),
        (object(), "essai: its pages cannot be registered"),
    ],
)
def test_a_page_that_does_not_fit(handler: Any, said: str) -> None:
    plugin = make_plugin("essai", register_routers=routers(handler))
    with pytest.raises(RegistryError, match=said):
        create_app(
            Settings.from_env({"SEUIL_ENV": "test"}), plugins={**discover(), "essai": plugin}
        )


# -- hooks --------------------------------------------------------------------------------------


def test_a_hook_misspelt() -> None:
    plugin = make_plugin("essai", nav_item=hookimpl(lambda ctx, face: ()))
    refused("essai: no hook is named nav_item: did you mean nav_items?", essai=plugin)


def test_a_hook_unmarked() -> None:
    def nav_items(ctx: Any, face: str) -> Any:
        return ()

    plugin = make_plugin("essai")
    nav_items.__module__ = plugin.__name__
    plugin.nav_items = nav_items  # type: ignore[attr-defined]
    refused("essai: nav_items is the name of a hook", "@hookimpl", essai=plugin)


def test_sync_where_async_is_meant_and_the_other_way() -> None:
    async def nav_items(ctx: Any, face: str) -> Any:
        return ()

    sync = make_plugin("essai", on_event=lambda ctx, unit, event: None)
    refused("essai: on_event must be written with `async def`", essai=sync)
    refused(
        "essai: nav_items must be written with `def`",
        essai=make_plugin("essai", nav_items=nav_items),
    )


def test_an_argument_that_is_not_given() -> None:
    plugin = make_plugin("essai", nav_items=lambda ctx, household: ())
    refused("essai: nav_items asks for 'household'", "ctx, face", essai=plugin)


def test_a_wrapper_and_another_name() -> None:
    def register_face() -> Any:
        yield

    wrapper = make_plugin("essai", wraps=1)
    wrapper.register_face = hookimpl(wrapper=True)(register_face)  # type: ignore[attr-defined]
    refused("essai: register_face wraps its neighbours", essai=wrapper)
    renamed = make_plugin("essai", mine=hookimpl(specname="nav_items")(lambda ctx, face: ()))
    refused("essai: mine uses specname", essai=renamed)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "must return a sequence of Permission, not NoneType"),
        ("slips.read", "must return a sequence of Permission, not str"),
        (["slips.read"], "returned a str where a Permission belongs"),
    ],
)
def test_a_wrong_answer(answer: Any, said: str) -> None:
    plugin = make_plugin("essai", register_permissions=lambda: answer)
    refused(f"essai: register_permissions {said}", essai=plugin)


def test_one_that_raises_at_start() -> None:
    def register_permissions() -> Any:
        raise ValueError("no")

    plugin = make_plugin("essai", register_permissions=register_permissions)
    refused("essai: register_permissions failed: ValueError", essai=plugin)


# -- what is imported -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("from zoo_base import service", "its manifest does not say so: write depends=('base',)"),
        ("def f():\n    import zoo_base.service", "service.py:2 imports zoo_base.service"),
        ("from portal.home import NAV", "and never through a face"),
        ("import admin.face", "and never through a face"),
    ],
)
def test_a_manifest_that_lies_about_its_imports(
    source: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = load_plugin(monkeypatch, tmp_path, "base", {"service.py": "", "tables.py": ""})
    essai = load_plugin(monkeypatch, tmp_path, "essai", {"service.py": source})
    refused("essai: service.py", said, base=base, essai=essai)


def test_what_is_declared_may_be_imported_and_its_rows_may_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = load_plugin(monkeypatch, tmp_path, "base", {"service.py": "", "tables.py": ""})
    good = {"service.py": "from zoo_base import service\nfrom zoo_base.events import KINDS"}
    registry = build(base=base, essai=load_plugin(monkeypatch, tmp_path, "essai", good, ("base",)))
    assert [n for n in registry.plugins if n in ("base", "essai")] == ["base", "essai"]
    bad = {"service.py": "from zoo_base.tables import Slip"}
    nosy = load_plugin(monkeypatch, tmp_path, "essai", bad, ("base",))
    refused("only service and events may be used", base=base, essai=nosy)


# -- what is written ------------------------------------------------------------------------------


def app_of(name: str) -> str:
    return APP.format(name=name, package=package_of(name))


def test_a_table_outside_its_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"piccolo_app.py": app_of("essai"), "tables.py": TABLES.format(schema="plugin_autre")}
    plugin = load_plugin(monkeypatch, tmp_path, "essai", files)
    refused("essai: the table slip is in the schema plugin_autre", essai=plugin)


def test_an_app_of_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = APP.format(name="autre", package=package_of("essai"))
    files = {"piccolo_app.py": app, "tables.py": TABLES.format(schema="plugin_essai")}
    plugin = load_plugin(monkeypatch, tmp_path, "essai", files)
    refused("essai: zoo_essai.piccolo_app names its Piccolo app 'autre'", essai=plugin)


@pytest.mark.parametrize(
    ("promise", "said"),
    [
        ('Index("household", "mine", "(territory_id, ref)")', "on household, which is not its own"),
        (
            'Reference("plugin_essai.slip", "household_id", "plugin_autre.slip")',
            "refers to plugin_autre.slip, of a plugin it does not depend on",
        ),
    ],
)
def test_a_promise_about_what_is_not_its_own(
    promise: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = TABLES.format(schema="plugin_essai") + f"\n\ndeclare({promise})\n"
    files = {"piccolo_app.py": app_of("essai"), "tables.py": tables}
    plugin = load_plugin(monkeypatch, tmp_path, "essai", files)
    refused("essai: ", said, essai=plugin)


def test_a_good_one_starts_with_its_tables_and_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "piccolo_app.py": app_of("essai"),
        "tables.py": TABLES.format(schema="plugin_essai"),
        "templates/admin/slip.html": "",
        "locale/en.po": "",
    }
    plugin = build(essai=load_plugin(monkeypatch, tmp_path, "essai", files)).plugins["essai"]
    assert [t._meta.tablename for t in plugin.tables] == ["slip"]
    assert plugin.path == tmp_path / "zoo_essai"
    assert plugin.templates_dir == plugin.path / "templates"
    assert plugin.locale_dir == plugin.path / "locale"


def test_the_apps_are_found_without_loading_the_plugins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin(tmp_path, "avec", {"piccolo_app.py": "", "plugin.py": "raise SystemExit"})
    write_plugin(tmp_path, "sans", {"plugin.py": "raise SystemExit"})
    monkeypatch.syspath_prepend(str(tmp_path))
    found = discovery.plugin_apps({"avec": "zoo_avec.plugin", "sans": "zoo_sans.plugin"})
    assert found == ["zoo_avec.piccolo_app"]
