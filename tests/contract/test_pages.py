"""What holds for every page of every face, whoever wrote it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from core.app import CORE, create_app
from core.extension.hookspecs import SPECS
from core.extension.inspection import template_faults
from core.extension.registry import Registry
from core.kernel.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SPECIAL = {"public", "resident", "signed_in"}


@pytest.fixture(scope="module")
def site() -> Litestar:
    return create_app(Settings.from_env({"SEUIL_ENV": "test"}))


def handlers(site: Litestar) -> Iterator[tuple[str, HTTPRouteHandler]]:
    for route in site.routes:
        for handler in route.route_handlers:
            if isinstance(handler, HTTPRouteHandler) and handler.name != "OPTIONS":
                yield route.path, handler


def own(handler: HTTPRouteHandler) -> bool:
    """Litestar answers OPTIONS by itself."""
    return "OPTIONS" not in handler.http_methods


def test_every_handler_names_a_known_permission(site: Litestar) -> None:
    known = set(Registry.build(CORE).permissions) | SPECIAL
    unknown = [
        (path, handler.opt.get("permission"))
        for path, handler in handlers(site)
        if own(handler) and handler.opt.get("permission") not in known
    ]
    assert unknown == []


def test_nothing_changes_by_a_get(site: Litestar) -> None:
    """A page that acts is a POST: a link, a preview or a crawler never acts."""
    both = [
        path
        for path, handler in handlers(site)
        if own(handler) and "GET" in handler.http_methods and len(handler.http_methods - {"GET"})
    ]
    assert both == []


def test_only_doors_are_open_to_all(site: Litestar) -> None:
    """The list of pages that nobody needs to sign in for is short, and written here."""
    open_to_all = {
        re.sub(r"^(/admin)?/\{territory:str\}(/\{lang:str\})?", r"\1", path) or "/"
        for path, handler in handlers(site)
        if own(handler) and handler.opt.get("permission") == "public"
    }
    assert open_to_all <= {
        "/",
        "/admin",
        "/healthz",
        "/readyz",
        "/version",
        "/static/{digest:str}/{name:str}",
        "/entrer",
        "/quitter",
        "/au-revoir",
        "/acces",
        "/vie-privee",
        "/admin/connexion",
        "/admin/quitter",
        # What answered one's own form: it opens with the key in its address, for its author alone.
        "/reponse/{ref:str}",
        "/admin/reponse/{ref:str}",
    }


def test_every_permission_is_asked_somewhere(site: Litestar) -> None:
    """A permission that nothing asks is a promise that nothing keeps."""
    source = "\n".join(
        path.read_text()
        for folder in ("core", "portal", "admin", "plugins")
        for path in (ROOT / folder).rglob("*.py")
        if "tests" not in path.parts and path.name != "own.py"
    )
    registry = Registry.build(CORE)
    own_keys = [
        key for name in ("core", *registry.faces) for key in registry.brought("permission", name)
    ]
    assert len(own_keys) > 20
    silent = [key for key in own_keys if f'"{key}"' not in source]
    assert silent == []


def test_every_hook_is_documented_in_order() -> None:
    """The table of core/README.md names each hook once, in the order of hookspecs.py."""
    hooks = [
        name for spec in SPECS for name, value in vars(spec).items() if inspect.isfunction(value)
    ]
    for spec in SPECS:
        for name, value in vars(spec).items():
            if inspect.isfunction(value):
                assert value.__doc__, f"{spec.__name__}.{name} says nothing of itself"
    table = re.findall(r"^\| `(\w+)\(", (ROOT / "core" / "README.md").read_text(), re.M)
    assert table == hooks


@pytest.mark.parametrize("template", sorted(ROOT.glob("*/templates/**/*.html")), ids=str)
def test_a_template_holds_no_script_and_its_forms_carry_their_token(template: Path) -> None:
    assert list(template_faults(template.read_text())) == []


@pytest.mark.parametrize(
    "text",
    [
        "<script>1</script>",
        "<style>a{}</style>",
        '<p style="x">',
        '<p onclick="x">',
        '<a hx-get="/">',
        "{{ words | safe }}",
        '<p data-hx-trigger="click[ctrlKey]">',
        '<form method="post" action="/"><input name="a"></form>',
    ],
)
def test_what_a_template_must_not_hold_is_seen(text: str) -> None:
    assert list(template_faults(text))
