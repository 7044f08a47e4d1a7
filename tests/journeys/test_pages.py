"""Every page of both faces, as each role meets it: valid, legible, usable at 360 px, in the dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.journeys.atlas import Found, explore
from tests.journeys.conftest import Site
from tests.journeys.visitor import Visitor
from tests.journeys.watch import Watch, faults_of

ADMIN, PORTAL = "/admin/strasbourg/", "/strasbourg/fr/"
ROLES = ("coordinator", "administrator", "social_worker", "prescriber", "structure", "observer")
RESIDENTS = ("Awa Diallo", "Nadia Benali")


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    yield Watch()


def _enough(pages: dict[str, Found], prefix: str, least: int) -> None:
    assert len([p for p in pages if p.startswith(prefix)]) >= least, sorted(pages)


@pytest.mark.parametrize("role", ROLES)
def test_back_office_pages(
    site: Site, visitor: Callable[..., Visitor], watch: Watch, role: str
) -> None:
    someone = visitor()
    someone.sign_in(site.professional(role))
    pages = explore(someone, site.url + ADMIN, ADMIN)
    _enough(pages, ADMIN.rstrip("/"), 6)
    watch.faults.clear()
    for found in pages.values():
        watch.examine(someone, found)
    assert not watch.faults, watch.said()


@pytest.mark.parametrize("name", RESIDENTS)
def test_portal_pages(site: Site, visitor: Callable[..., Visitor], watch: Watch, name: str) -> None:
    someone = visitor()
    someone.sign_in(site.resident(name))
    pages = explore(someone, site.url + PORTAL, PORTAL)
    _enough(pages, PORTAL.rstrip("/"), 8)
    watch.faults.clear()
    for found in pages.values():
        watch.examine(someone, found, again=found.pattern == PORTAL.rstrip("/"))
    assert not watch.faults, watch.said()


def test_doors_and_mistakes(site: Site, visitor: Callable[..., Visitor], watch: Watch) -> None:
    someone = visitor()
    watch.faults.clear()
    for path in ("/", "/admin/strasbourg/connexion", "/strasbourg/fr/entrer"):
        answer = someone.context.request.get(site.url + path)
        watch.examine(someone, Found(path, site.url + path, answer.text()))
    for path in ("/admin/strasbourg/connexion", "/strasbourg/fr/entrer"):
        someone.page.goto(site.url + path)
        with someone.page.expect_navigation():
            someone.page.locator("main form button[type=submit]").first.click()
        faults = faults_of(someone.page.content()) + watch.violations(someone)
        assert someone.page.locator("#error-summary").is_visible()
        if faults:
            watch.faults[f"{path} refused"] = faults
    assert not watch.faults, watch.said()


DARK = ("", "menages", "demandes", "listes", "places", "orientations", "reglages")


def test_in_the_dark(site: Site, visitor: Callable[..., Visitor], watch: Watch) -> None:
    worker, resident = visitor(color_scheme="dark"), visitor(color_scheme="dark")
    worker.sign_in(site.professional("coordinator"))
    resident.sign_in(site.resident("Awa Diallo"))
    faults = {}
    for someone, base, paths in (
        (worker, ADMIN, DARK),
        (resident, PORTAL, ("", "parcours", "messages")),
    ):
        for path in paths:
            someone.page.goto(site.url + base + path)
            faults[base + path] = watch.violations(someone)
    assert {path: found for path, found in faults.items() if found} == {}
