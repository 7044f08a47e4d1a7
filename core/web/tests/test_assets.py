"""Static files arrive as they are written: zipped once, cached for ever, without a cookie."""

from __future__ import annotations

import re

from core.extension.context import Ctx
from core.testing import Browser


async def test_a_style_sheet_arrives_whole_and_for_ever(ctx: Ctx, browser: Browser) -> None:
    page = await browser.get("/essai/fr/entrer")
    hrefs = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert {h.rsplit("/", 1)[1] for h in hrefs} >= {"portal.css", "seuil.js"}
    browser.client.cookies.clear()
    for href in hrefs:
        sent = await browser.get(href, headers={"Accept-Encoding": "gzip"})
        plain = await browser.get(href, headers={"Accept-Encoding": "identity"})
        assert sent.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert sent.text == plain.text, "unzipped once, it is the file"
        assert "immutable" in sent.headers["cache-control"]
        assert "set-cookie" not in sent.headers
        kind = "text/css" if href.endswith(".css") else "text/javascript"
        assert sent.headers["content-type"] == f"{kind}; charset=utf-8"


async def test_the_first_visit_stays_light(ctx: Ctx, browser: Browser) -> None:
    """At most 40 KB over the wire and four requests."""
    page = await browser.get("/essai/fr/entrer", headers={"Accept-Encoding": "gzip"})
    hrefs = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
    weight = int(page.headers["content-length"])
    for href in hrefs:
        sent = await browser.get(href, headers={"Accept-Encoding": "gzip"})
        weight += int(sent.headers["content-length"])
    assert len(hrefs) + 1 <= 4
    assert weight <= 40_000
