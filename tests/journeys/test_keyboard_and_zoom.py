"""By the keyboard alone, and magnified: every stop is seen, none is a trap, nothing sticks out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.conftest import Site
from tests.journeys.visitor import OVERFLOW, Visitor

STOP = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  const r = e.getBoundingClientRect(), s = getComputedStyle(e);
  const x = Math.min(Math.max(r.left + r.width / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(r.top + Math.min(r.height / 2, 40), 0), innerHeight - 1);
  const at = document.elementFromPoint(x, y);
  const label = e.labels && e.labels[0];
  e.dataset.stop = e.dataset.stop || String(++window.stops || (window.stops = 1));
  return {
    key: e.dataset.stop,
    what: e.outerHTML.slice(0, 110),
    inside: r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth,
    seen: !!at && (e.contains(at) || at.contains(e) || !!(label && label.contains(at))),
    marked: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2,
  };
}"""
"""The element that has the focus: whether it is on the screen, uncovered, and drawn as focused."""

WANTED = """() => [...document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden]), [tabindex='0']")]
  .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.disabled && !e.dataset.stop
    && !(e.type === "radio" && document.querySelector(`input[type=radio][name="${e.name}"][data-stop]`)))
  .map((e) => e.outerHTML.slice(0, 110))"""
"""What a mouse can reach and the walk did not; radio buttons of one question are one stop."""

PORTAL, ADMIN = "/strasbourg/fr", "/admin/strasbourg"


def walk(someone: Visitor, most: int = 250) -> list[dict[str, Any]]:
    """Tab from the top of the page until the browser's own controls; each stop."""
    stops: list[dict[str, Any]] = []
    for _ in range(most):
        someone.page.keyboard.press("Tab")
        stop = someone.page.evaluate(STOP)
        if stop is None or any(stop["key"] == s["key"] for s in stops):
            return stops
        stops.append(stop)
    raise AssertionError(f"no end after {most} stops: {stops[-3:]}")


def bad(stops: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [s for s in stops if not (s["inside"] and s["seen"] and s["marked"])]


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740), (320, 256)])
def test_the_portal_by_keyboard(
    site: Site, visitor: Callable[..., Visitor], width: int, height: int
) -> None:
    me = visitor(width=width, height=height)
    me.go(f"{PORTAL}/entrer")
    assert bad(walk(me)) == []
    me.sign_in(site.resident("Thierry Muller"))
    for path in ("/", "/messages/ecrire", "/informations")[: 3 if width == 360 else 2]:
        me.go(PORTAL + path)
        stops = walk(me)
        assert 'class="skip"' in stops[0]["what"], path
        assert bad(stops) == [], path
        assert me.page.evaluate(WANTED) == [], path


@pytest.mark.parametrize("path", ["", "/menages", "/demandes/nouvelle", "/equipe/portefeuilles"])
def test_the_back_office_by_keyboard(
    site: Site, visitor: Callable[..., Visitor], path: str
) -> None:
    worker = visitor()
    worker.sign_in(site.professional("coordinator"))
    worker.go(ADMIN + path)
    stops = walk(worker)
    assert 'class="skip"' in stops[0]["what"]
    assert bad(stops) == []


def test_the_skip_link_and_the_order_of_reading(
    site: Site, visitor: Callable[..., Visitor]
) -> None:
    me = visitor()
    me.sign_in(site.resident("Thierry Muller"))
    me.go(f"{PORTAL}/")
    me.page.keyboard.press("Tab")
    me.page.keyboard.press("Enter")
    assert me.page.evaluate("document.activeElement.id") == "main"
    me.page.keyboard.press("Tab")
    assert me.page.evaluate("!!document.activeElement.closest('main')")
    order = me.page.evaluate(
        "[...document.querySelectorAll('header, nav, main, [role=status], footer')]"
        ".map(e => e.getAttribute('role') || e.localName)"
    )
    assert order == ["header", "nav", "main", "status", "footer", "nav"]
    # The menu of languages opens, is walked and closes by the keyboard alone.
    me.page.locator("details.languages summary").focus()
    me.page.keyboard.press("Enter")
    me.page.keyboard.press("Tab")
    assert me.page.evaluate("document.activeElement.lang") == "fr"
    me.page.keyboard.press("Escape")
    assert me.page.evaluate("document.querySelector('details.languages').open") is False
    assert me.page.evaluate("document.activeElement.localName") == "summary"


@pytest.mark.parametrize(("width", "height"), [(640, 512), (320, 256)])
def test_magnified_twice_and_four_times(
    site: Site, visitor: Callable[..., Visitor], width: int, height: int
) -> None:
    """A window of 1280 px seen at 200 % and at 400 %."""
    me = visitor(width=width, height=height)
    me.sign_in(site.resident("Nadia Benali"))
    for path in ("/", "/parcours", "/messages", "/informations", "/vie-privee"):
        me.go(PORTAL + path)
        assert me.page.evaluate(OVERFLOW) == "", path
        kept = me.page.evaluate(
            "[...document.body.querySelectorAll('*')].filter(e => ['fixed', 'sticky']"
            ".includes(getComputedStyle(e).position)).reduce((n, e) => n + e.offsetHeight, 0)"
        )
        assert kept < height / 4, f"{path}: {kept} px of the screen never scroll away"
