"""A household that changed while a proposal to it runs: confirm, withdraw, or say it was read."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import post
from litestar.params import FromPath
from litestar.response import Response

from core.kernel.errors import Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.queries import referral
from core.placements.service import settle_review
from core.territories.codes import code_list
from core.web.visit import Visit, Visiting
from core.web.words import format_date, format_money

DONE = {
    "confirmer": N_("La proposition est confirmée pour le ménage tel qu’il est maintenant."),
    "retirer": N_("La proposition est annulée et la place redevient libre."),
    "lu": N_("C’est noté."),
}
WORDS = {None: N_("non renseigné"), True: N_("Oui"), False: N_("Non")}


def fact_said(visit: Visit, name: str, value: Any) -> str:
    """A fact of a demande in the words of the screen."""
    if value is None or isinstance(value, bool):
        return visit._(WORDS[value])
    if name == "composition":
        return code_list("composition").labels().get(value, str(value))
    if name == "resources_cents":
        return format_money(value, lang=visit.ctx.lang)
    if name.endswith("_birth"):
        return format_date(date.fromisoformat(value), lang=visit.ctx.lang)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@post("/orientations/{ref:str}/changement", opt={"permission": "referrals.read"})
async def settle(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """One click, once: the service says who may which."""
    form = await visit.form()
    decision = form.choice("decision", DONE) or ""

    async def work(unit: Unit) -> Any:
        row = await referral(unit, ref)
        await settle_review(unit, row["id"], decision)
        return {}

    try:
        await visit.once(form, "referral.settle_review", work)
    except Refused as error:
        return visit.to(f"/orientations/{ref}", said=error.message, tone="warn")
    return visit.to(f"/orientations/{ref}", said=DONE[decision])


HANDLERS = (settle,)
