"""Proposing a free place to a household: those above get a reason, the household gets words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.fact_words import fact_words
from admin.paging import asked
from admin.passing import against, choices, filled, groups_of, refs, renamed, why_of
from core.housing.vacancy_reads import vacancy
from core.kernel.clock import last_moment
from core.kernel.errors import Conflict, Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.above import standing_above
from core.matching.explain import explain
from core.placements.chains import freed_by
from core.placements.procedures import delays_of
from core.placements.queries import candidate
from core.placements.referrals import TOLD_BY
from core.placements.service import propose
from core.placements.snapshot import differences, facts_now
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

CHANGED = N_("Le ménage a changé depuis votre lecture. Relisez, puis proposez à nouveau.")


@get("/places/{ref:str}/proposer", opt={"permission": "referrals.decide"})
async def ask(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """What is known of both, who stands above, the words and the deadline."""
    form = visit.blank(demande=asked(visit, "demande") or "")
    async with visit.ctx.unit() as unit:
        place = await vacancy(unit, ref)
        kind = place["kind"]
        days = (await delays_of(unit, kind))["household_days"]
        chosen = await candidate(unit, form.value("demande").upper())
        stands = await standing_above(visit.ctx, unit, place["id"], chosen["id"])
        form = visit.blank(
            filled(stands.above),
            demande=form.value("demande"),
            told_by="portal",
            answer_by=unit.today + timedelta(days=days),
        )
    return await _page(visit, ref, form)


async def _page(
    visit: Visit, ref: str, form: Form, status: int = 200, changed: Sequence[Any] = ()
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        place = await vacancy(unit, ref)
        chosen = await candidate(unit, form.value("demande").upper())
        judged = await explain(visit.ctx, unit, chosen["id"], vacancy_id=place["id"])
        stands = await standing_above(visit.ctx, unit, place["id"], chosen["id"])
        facts = await facts_now(unit, chosen["id"])
        say = await fact_words(visit, unit)
        obstacles = await unit.obstacles(chosen["id"], place["id"])
        freed = await freed_by(unit, chosen["household_id"])
        today = unit.today
    return visit.page(
        "admin/places/propose.html",
        status=status,
        place=place,
        chosen=chosen,
        rank=stands.rank,
        above=stands.above,
        seen=refs(stands.above),
        groups=groups_of(visit, stands.above, form),
        against=lambda one: against(visit, one),
        facts=msgspec.json.encode(facts).decode(),
        changed=[
            (visit._(label), say(name, then), say(name, now)) for name, label, then, now in changed
        ],
        today=today,
        freed=freed,
        told_by=[(code, visit._(label)) for code, label in TOLD_BY.items()],
        obstacles=[one.text.render(visit._) for one in obstacles],
        judged=judged,
        reasons=choices(visit),
        form=form,
    )


@post("/places/{ref:str}/proposer", opt={"permission": "referrals.decide"})
async def send(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Propose; whoever was quicker has the place."""
    form = await visit.form()
    differs: list[Any] = []

    async def work(unit: Unit) -> dict[str, Any]:
        place = await vacancy(unit, ref)
        chosen = await candidate(unit, form.value("demande").upper())
        until = form.date("answer_by", required=True)
        words, why = form.text("words"), why_of(form)
        form.check()
        assert until is not None
        differs[:] = differences(form.value("facts"), await facts_now(unit, chosen["id"]))
        if differs:
            raise Conflict(CHANGED)
        made = await propose(
            unit,
            place["id"],
            chosen["id"],
            words=words,
            answer_by=last_moment(until, unit.zone),
            why=why,
            told_by=form.value("told_by") or "portal",
        )
        return {"ref": await unit.value("SELECT ref FROM referral WHERE id = $1", made)}

    try:
        done = await visit.once(form, "placements.propose", work)
    except Invalid as error:
        error.errors = renamed(error.errors)
        return await _page(visit, ref, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        form.wrong("demande", visit._(error.message, **error.params))
        return await _page(visit, ref, form, 409, differs)
    return visit.to(f"/orientations/{done['ref']}", said=N_("Place proposée au ménage."))


HANDLERS = (ask, send)
