"""What is wrong with a page: as it was sent, and as a browser shows it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from axe_playwright_python.sync_playwright import Axe

from tests.journeys.atlas import Found
from tests.journeys.visitor import OVERFLOW, Visitor

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def faults_of(html: str) -> list[str]:
    """What is wrong with a page as it was sent."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(html)
    faults = [f"{code} {data} at {at}" for at, code, data in parser.errors]
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    faults += [f"id twice: {i}" for i in sorted({i for i in ids if ids.count(i) > 1 and i})]
    for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
        for element in tree.iter():
            asked = (element.get(name) or "").split()
            faults += [f"{name}={i} leads nowhere" for i in asked if i not in ids]
    main = next(tree.iter("main"), None)
    if main is None:
        return [*faults, "no main"]
    levels = [HEADINGS.index(e.tag) + 1 for e in main.iter() if e.tag in HEADINGS]
    if levels[:1] != [1] or levels.count(1) != 1:
        faults.append(f"headings do not start with the one h1: {levels}")
    faults += [f"heading h{b} after h{a}" for a, b in pairwise(levels) if b > a + 1]
    title = next(tree.iter("title")).text or ""
    names = {_text(e) for e in tree.iter("bdi")}
    faults += [f"the title says {n}" for n in names if len(n) > 3 and n in title]
    return faults


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


class Watch:
    """Pages met once by some role, with their faults by address pattern."""

    def __init__(self) -> None:
        self.axe = Axe()
        self.seen: set[str] = set()
        self.faults: dict[str, list[str]] = {}

    def examine(self, visitor: Visitor, found: Found, again: bool = False) -> None:
        """In the browser: no error in the console, axe finds nothing, nothing sticks out."""
        faults = list(faults_of(found.html))
        if found.pattern not in self.seen or again:
            self.seen.add(found.pattern)
            faults += self.shown(visitor, found.url)
        if faults:
            self.faults.setdefault(found.pattern, []).extend(faults)

    def shown(self, visitor: Visitor, url: str) -> list[str]:
        visitor.page.goto(url)
        return self.as_it_stands(visitor)

    def as_it_stands(self, visitor: Visitor) -> list[str]:
        """The page that is shown now, whatever led to it."""
        faults = self.violations(visitor)
        visitor.page.set_viewport_size({"width": 360, "height": 740})
        wide = visitor.page.evaluate(OVERFLOW)
        visitor.page.set_viewport_size({"width": 1280, "height": 900})
        faults += [f"too wide: {wide}"] if wide else []
        faults += visitor.problems
        visitor.problems.clear()
        return faults

    def said(self) -> str:
        return "\n".join(f"{p}: {f}" for p, found in self.faults.items() for f in found)

    def violations(self, visitor: Visitor) -> list[str]:
        found: list[dict[str, Any]] = self.axe.run(visitor.page).response["violations"]
        return [f"{v['id']}: {n['html'][:200]}" for v in found for n in v["nodes"][:2]]
