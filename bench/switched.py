"""Row 10: the resident's home and the dashboard with 0, 6 and all plugins on; none installed."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from bench.extended import Installed, coordinator, place_with, resident
from bench.frame import Result
from bench.site import load, site
from bench.site import statements as statements_of
from bench.start import PLUGINS
from core.kernel.database import ENGINE

SOME = 6

CARD, OFF = 0.10, 0.05
"""What one more card may add to the page without plugins; what a plugin that is off may seem to
add: less cannot be told from the noise of two processes."""


@dataclass(frozen=True)
class _Page:
    """A page of a territory, with who asks for it."""

    path: str
    cookie: str


async def measure(admin_url: str, app_url: str, small: bool) -> list[Result]:
    """Two sites over one database, one of them without the plugins; all pages in turn."""
    with Installed(admin_url, PLUGINS) as installed:
        on = {"none": (), "some": installed.names[:SOME], "all": installed.names}
        homes: dict[str, _Page] = {}
        desks: dict[str, _Page] = {}
        await ENGINE.open(app_url, 2)
        try:
            for key, names in on.items():
                place = await place_with(admin_url, f"switched-{key}", names)
                homes[key] = _Page(f"/{place.slug}/fr/", await resident(place, names))
                desks[key] = _Page(f"/admin/{place.slug}/", await coordinator(place))
        finally:
            await ENGINE.close()
        async with site(app_url) as bare, site(app_url, installed.environment) as full:
            results: list[Result] = []
            # The dashboard takes ten times as long: fewer of it say as much.
            for name, pages, requests in (("resident home", homes, 48), ("dashboard", desks, 12)):
                results += await _one(name, pages, bare, full, requests, 9 if small else 41)
    return results


async def _one(
    name: str, pages: dict[str, _Page], bare: int, full: int, requests: int, turns: int
) -> list[Result]:
    asked = {
        "bare": (bare, pages["none"]),
        **{key: (full, page) for key, page in pages.items()},
    }
    sent = {key: await statements_of(port, p.path, p.cookie) for key, (port, p) in asked.items()}
    times: dict[str, list[float]] = {key: [] for key in asked}
    for turn in range(turns):
        for key, (port, page) in asked.items():
            seconds = await load(port, page.path, page.cookie, requests)
            if turn:
                times[key].append(seconds)

    def row(what: str, key: str, floor: str, goal: str, most: float, same: str) -> Result:
        pairs = zip(times[key], times[floor], strict=True)
        ratio = statistics.median(a / b for a, b in pairs)
        return Result(
            scenario=f"10 {name}, {what}",
            size="-",
            ours_s=statistics.median(times[key]),
            floor_s=statistics.median(times[floor]),
            ratio=ratio,
            goal=goal,
            held=ratio <= 1 + most and sent[key] == sent[same],
            statements=sent[key],
        )

    each = "each card ≤ 10 % of the page with none; no more SQL"
    return [
        row(f"{PLUGINS} installed and off", "none", "bare", "nothing measurable", OFF, "bare"),
        row(f"{SOME} plugins on", "some", "none", each, CARD * SOME, "all"),
        row(f"all {PLUGINS} on", "all", "none", each, CARD * PLUGINS, "some"),
    ]
