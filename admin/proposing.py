"""Proposing a free place to a household: those above get a reason, the household gets words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.paging import asked
from core.housing.vacancy_reads import vacancy
from core.kernel.clock import last_moment
from core.kernel.errors import Conflict, Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.explain import explain
from core.matching.shortlist import Candidate, shortlist
from core.placements.chains import freed_by
from core.placements.passing import PASSING_REASONS
from core.placements.procedures import delays_of
from core.placements.queries import candidate
from core.placements.referrals import TOLD_BY
from core.placements.service import propose
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

DEEP = 200
"""How far down the list those whom the place fits are read."""


def _above(candidates: Sequence[Candidate], rank: int | None) -> list[Candidate]:
    """Who it is fair to answer first: those above, or the first of the list for somebody who is
    not on it."""
    if rank is None:
        return list(candidates[:50])
    return [one for one in candidates if one.rank < rank]


@get("/places/{ref:str}/proposer", opt={"permission": "referrals.decide"})
async def ask(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """What is known of both, who stands above, the words and the deadline."""
    form = visit.blank(demande=asked(visit, "demande") or "")
    async with visit.ctx.unit() as unit:
        kind = (await vacancy(unit, ref))["kind"]
        days = (await delays_of(unit, kind))["household_days"]
        form = visit.blank(demande=form.value("demande"), told_by="portal",
                           answer_by=unit.today + timedelta(days=days))  # fmt: skip
    return await _page(visit, ref, form)


async def _page(visit: Visit, ref: str, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        place = await vacancy(unit, ref)
        chosen = await candidate(unit, form.value("demande").upper())
        judged = await explain(visit.ctx, unit, chosen["id"], vacancy_id=place["id"], ranked=True)
        ranked = await shortlist(visit.ctx, unit, place["id"], limit=DEEP)
        obstacles = await unit.obstacles(chosen["id"], place["id"])
        freed = await freed_by(unit, chosen["household_id"])
        today = unit.today
    rank, above = judged.rank, _above(ranked.candidates, judged.rank)
    return visit.page(
        "admin/places/propose.html",
        status=status,
        place=place,
        chosen=chosen,
        rank=rank,
        above=above,
        today=today,
        freed=freed,
        told_by=[(code, visit._(label)) for code, label in TOLD_BY.items()],
        obstacles=[one.text.render(visit._) for one in obstacles],
        judged=judged,
        reasons=[(r.code, visit._(r.label)) for r in PASSING_REASONS],
        form=form,
    )


@post("/places/{ref:str}/proposer", opt={"permission": "referrals.decide"})
async def send(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Propose; whoever was quicker has the place."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        place = await vacancy(unit, ref)
        chosen = await candidate(unit, form.value("demande").upper())
        judged = await explain(visit.ctx, unit, chosen["id"], vacancy_id=place["id"], ranked=True)
        ranked = await shortlist(visit.ctx, unit, place["id"], limit=DEEP)
        above = _above(ranked.candidates, judged.rank)
        until = form.date("answer_by", required=True)
        words = form.text("words")
        passed = []
        for one in above:
            code = form.value(f"why_{one.ref}") or form.value("why_all")
            if not code:
                form.wrong("why_all", N_("Indiquez pourquoi les ménages au-dessus ne sont pas "
                                         "proposés."))  # fmt: skip
            passed.append((one.request_id, one.rank, code, form.text("why_words", 500)))
        form.check()
        assert until is not None
        made = await propose(
            unit,
            place["id"],
            chosen["id"],
            words=words,
            answer_by=last_moment(until, unit.zone),
            rank=judged.rank,
            passed_over=passed,
            judged=judged.snapshot(),
            told_by=form.value("told_by") or "portal",
        )
        return {"ref": await unit.value("SELECT ref FROM referral WHERE id = $1", made)}

    try:
        done = await visit.once(form, "placements.propose", work)
    except Invalid as error:
        names = {"passing": "why_all", "passing_words": "why_words"}
        error.errors = {names.get(name, name): text for name, text in error.errors.items()}
        return await _page(visit, ref, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        form.wrong("demande", visit._(error.message, **error.params))
        return await _page(visit, ref, form, 409)
    return visit.to(f"/orientations/{done['ref']}", said=N_("Place proposée au ménage."))


HANDLERS = (ask, send)
