"""Which pages there are: found by following links from each role's home, one address per pattern."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin, urlsplit

import html5lib

from tests.journeys.visitor import Visitor

REF = re.compile(r"^[0-9A-HJKMNP-TV-Z]{10}$")
AFTER = {"listes": "{kind}", "actes": "{act}", "types": "{kind}", "a-faire": "{queue}"}
"""A word of an address after which the next one only says which."""


@dataclass(frozen=True)
class Found:
    """A page: its pattern, where it was met, and what the server sent."""

    pattern: str
    url: str
    html: str


def pattern_of(url: str) -> str:
    """`/admin/strasbourg/menages/7K2MX9QF4T` is `/admin/strasbourg/menages/{ref}`."""
    words = urlsplit(url).path.rstrip("/").split("/")
    said = []
    for before, word in zip(["", *words], words, strict=False):
        if REF.match(word):
            said.append("{ref}")
        elif before in AFTER:
            said.append(AFTER[before])
        elif "motifs" in said:
            said.append("{reason}")
        elif len(said) > 4 and said[-2:] == ["orientations", "{ref}"] and word != "entrer":
            said.append("{act}")
        else:
            said.append(word)
    return "/".join(said) or "/"


def links(html: str, url: str) -> list[str]:
    """The addresses of this site that the page links to, in the page's order.

    What is `inert` (a preview) leads nowhere.
    """
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    inert = {a for e in tree.iter() if e.get("inert") is not None for a in e.iter("a")}
    found = []
    for a in tree.iter("a"):
        if a in inert:
            continue
        target = urldefrag(urljoin(url, a.get("href") or ""))[0]
        if urlsplit(target).netloc == urlsplit(url).netloc:
            found.append(target)
    return found


def explore(visitor: Visitor, start: str, under: str) -> dict[str, Found]:
    """Every pattern that can be reached from `start` by links under that prefix."""
    seen: dict[str, Found] = {}
    tried: set[str] = set()
    todo = deque([start])
    while todo:
        url = todo.popleft()
        pattern = pattern_of(url)
        if pattern in seen or url in tried:
            continue
        tried.add(url)
        answer = visitor.context.request.get(url)
        assert answer.status == 200, f"{answer.status} {url}"
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        html = answer.text()
        seen[pattern] = Found(pattern, url, html)
        for target in links(html, url):
            if urlsplit(target).path.startswith(under) and pattern_of(target) not in seen:
                todo.append(target)
    return seen
