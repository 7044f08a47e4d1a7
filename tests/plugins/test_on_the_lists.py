"""What plugins add to core's lists: narrowed to a tag, with its badge, and no statement more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from litestar import Litestar

from core.app import CORE
from core.extension.context import Ctx
from core.extension.contributions import Tag
from core.extension.registry import Registry
from core.making import make_demande
from core.matching.queries import waiting_list
from core.requests.queries import RequestFilter, queue
from core.requests.tags import NOBODY, listed_tags, tag, tag_asked, untag
from core.testing import Browser, counting, make_plugin, make_professional, turn_on
from tests.plugins.switched import faces, with_registry

AMI = Tag("alpha.ami", "Grand précaire", badge="AMI", tone="info")
PRISON = Tag("alpha.prison", "Sortie de prison", "justice", badge="Sortie")
QUIET = Tag("alpha.quiet", "Sans pastille", order=1)


def registry() -> Registry:
    alpha = make_plugin("alpha", register_tags=lambda: (AMI, PRISON, QUIET))
    return Registry.build(CORE, {**faces(), "alpha": alpha})


async def test_a_list_is_narrowed_to_a_tag_that_runs(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        now, later, ended, never = [await make_demande(unit, family=f"Nom{n}") for n in range(4)]
        await tag(unit, now.id, "alpha.ami")
        await tag(unit, later.id, "alpha.ami", starts_on=unit.today + timedelta(days=3))
        await tag(unit, ended.id, "alpha.ami", starts_on=unit.today - timedelta(days=9))
        await untag(unit, ended.id, "alpha.ami")

        async def seen(key: str | None) -> tuple[list[int], list[int]]:
            waiting = await waiting_list(unit, "chrs", tag=key)
            queued = await queue(unit, RequestFilter("en-attente", tag=key))
            return sorted(r["request_id"] for r in waiting), sorted(r["id"] for r in queued)

        everybody = sorted(d.id for d in (now, later, ended, never))
        assert await seen(None) == (everybody, everybody)
        assert await seen("alpha.ami") == ([now.id], [now.id])
        assert await seen(NOBODY) == ([], [])
        rows = {r["request_id"]: r["tags"] for r in await waiting_list(unit, "chrs")}
        assert rows == {d: ["alpha.ami"] if d == now.id else [] for d in everybody}


async def test_badges_cost_no_statement(ctx: Ctx) -> None:
    spent = []
    async with ctx.unit() as unit:
        for number in (1, 9):
            for n in range(number):
                made = await make_demande(unit, family=f"Nom{number}{n}")
                await tag(unit, made.id, "alpha.ami")
            with counting() as sent:
                waiting = await waiting_list(unit, "chrs")
                queued = await queue(unit, RequestFilter("en-attente"))
            spent.append(len(sent))
    assert len(waiting) == len(queued) == 10
    assert spent == [2, 2]


async def test_a_list_offers_what_its_reader_may_know(ctx: Ctx) -> None:
    here = replace(with_registry(ctx, registry(), "alpha"), permission="requests.read")
    assert list(listed_tags(here)) == ["alpha.quiet", "alpha.ami", "alpha.prison"]
    assert listed_tags(replace(here, territory=ctx.place)) == {}
    watching = here.acting(await make_professional(ctx, "observer"))
    assert "alpha.prison" not in listed_tags(watching)
    offered = listed_tags(here)
    assert [tag_asked(offered, key) for key in ("", "alpha.ami", "beta.x")] == [
        None,
        "alpha.ami",
        NOBODY,
    ]


async def test_the_pages_show_it(
    ctx: Ctx, app: Litestar, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = app.state.base.registry
    for one in (AMI, PRISON):
        monkeypatch.setitem(known.tags, one.key, one)
        monkeypatch.setitem(known.owners, ("tag", one.key), "programmes")
    async with ctx.unit() as unit:
        for family in ("Diallo", "Kaya"):
            await make_demande(unit, family=family)
        await tag(unit, (await make_demande(unit, family="Morel")).id, AMI.key)
    await browser.sign_in(ctx, ctx.who, "admin")
    await turn_on(app, ctx.place.slug, "programmes")
    for path, other in (("/listes/chrs", "?"), ("/demandes?file=en-attente", "&")):
        page = await browser.get(f"/admin/essai{path}")
        assert page.text.count('<span class="badge tone-info">AMI</span>') == 1
        assert "Grand précaire" in page.text
        page = await browser.get(f"/admin/essai{path}{other}mention={AMI.key}")
        assert "Morel" in page.text and "Kaya" not in page.text
        page = await browser.get(f"/admin/essai{path}{other}mention=nothing.known")
        assert "Morel" not in page.text and "Kaya" not in page.text
    await turn_on(app, ctx.place.slug)
    page = await browser.get("/admin/essai/listes/chrs")
    assert "Morel" in page.text and "AMI" not in page.text
