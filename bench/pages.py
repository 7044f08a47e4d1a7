"""Row 3: a resident's home with six plugins on, over HTTP, against the same page from memory."""

from __future__ import annotations

import re
import statistics

from bench.extended import Installed, place_with, resident
from bench.frame import Disagreement, Result
from bench.site import get, load, site
from bench.site import statements as statements_of
from core.kernel.database import ENGINE

PLUGINS, STATEMENTS = 6, 4

_TOKEN = re.compile(rb'(?<=name="_csrf_token" value=")[^"]+')
"""What is new at each request, and alone may differ."""


async def measure(admin_url: str, app_url: str, small: bool) -> list[Result]:
    """Requests per second in turn; the figure is seconds per request."""
    with Installed(admin_url, PLUGINS) as installed:
        await ENGINE.open(app_url, 2)
        try:
            place = await place_with(admin_url, "pages", installed.names)
            one = await resident(place, installed.names)
            thirty = await resident(place, installed.names, each=30)
        finally:
            await ENGINE.close()
        async with site(app_url, installed.environment) as port:
            paths = {name: f"/{place.slug}/fr/{name}" for name in ("", "plancher", "vide")}
            ours, floor = [await get(port, paths[n], one) for n in ("", "plancher")]
            if _TOKEN.sub(b"", ours) != _TOKEN.sub(b"", floor):
                raise Disagreement("the page and its floor differ")
            if ours.count(b'-card"') < PLUGINS:
                raise Disagreement("the page does not show a card of each plugin")
            sent = {await statements_of(port, paths[""], who) for who in (one, thirty)}
            times: dict[str, list[float]] = {name: [] for name in paths}
            for turn in range(16 if small else 46):
                for name, path in paths.items():
                    seconds = await load(port, path, one, 80 if small else 200)
                    # The first turn warms up: every connection plans its statements a few times.
                    if turn:
                        times[name].append(seconds)
    mine, theirs, empty = (statistics.median(times[n]) for n in ("", "plancher", "vide"))
    # Turn by turn: what else the machine does at the time weighs on both alike.
    pairs = zip(times[""], times["plancher"], strict=True)
    ratio = statistics.median(a / b for a, b in pairs)
    result = Result(
        scenario=f"3 resident home over HTTP, {PLUGINS} plugins on",
        size="-",
        ours_s=mine,
        floor_s=theirs,
        ratio=ratio,
        goal="≥ 0.8 of the floor's requests per second; ≤ 4 SQL, the same for 1 and 30 rows",
        held=ratio <= 1 / 0.8 and len(sent) == 1 and max(sent) <= STATEMENTS,
        statements=max(sent),
        bytes=len(ours),
    )
    beside = Result(
        scenario="3 an empty page, beside",
        size="-",
        ours_s=empty,
        floor_s=theirs,
        ratio=empty / theirs,
        goal="(none)",
        held=True,
    )
    return [result, beside]
