"""Acts on a demande that are not a decision: take up, refresh, suspend, cancel, re-examine…"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.elsewhere import STATES as BY_FILE
from core.placements.elsewhere import leave_elsewhere, said_by_a_file
from core.requests.facts import known
from core.requests.lifecycle import MACHINE, STATES
from core.requests.queries import request_id_of
from core.requests.service import refresh, step
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep


@dataclass(frozen=True, slots=True)
class Act:
    """An act as a button: its name in addresses, its verb, and what must be stated before.

    `asks`: the words of a box to tick, which states `fact`; `reason`: whether a reason is needed.
    """

    slug: str
    verb: str
    label: str
    tone: str = "secondary"
    reason: bool = False
    fact: str = ""
    asks: str = ""
    elsewhere: bool = False
    """Only for a demande that a file says referred or admitted, not a referral made here."""


ACTS = (
    Act("prendre-en-charge", "take_up", N_("Commencer l’instruction"), "primary"),
    Act(
        "complements-recus", "return_from_adjournment", N_("Compléments reçus"), "primary",
        fact="items_received_or_due", asks=N_("Les compléments demandés sont arrivés."),
    ),
    Act(
        "reexaminer", "reexamine", N_("Ouvrir un réexamen"), "primary", reason=True,
        fact="asked_again", asks=N_("Le ménage ou son référent demande un nouvel examen."),
    ),
    Act("remettre-en-liste", "return_to_list", N_("Remettre en liste d’attente"), reason=True,
        elsewhere=True),
    Act("inscrire", "list", N_("Inscrire en liste d’attente"), "primary"),
    Act("actualiser", "refresh", N_("Actualiser"), "primary",
        fact="household_confirmed", asks=N_("Le ménage confirme que sa demande tient toujours.")),
    Act("reprendre", "resume", N_("Reprendre en liste d’attente"), "primary"),
    Act("reprendre-instruction", "resume_review", N_("Reprendre l’instruction")),
    Act("reactiver-en-liste", "reactivate_on_list", N_("Réactiver en liste d’attente"), "primary"),
    Act("reactiver", "reactivate", N_("Réactiver en instruction")),
    Act("rouvrir", "reopen_draft", N_("Reprendre le brouillon"), "primary"),
    Act("retirer-de-commission", "take_off_agenda", N_("Retirer de l’ordre du jour"), reason=True),
    Act("suspendre", "suspend", N_("Suspendre"), reason=True),
    Act("clore", "close_otherwise", N_("Clore sans entrée"), "danger", reason=True),
    Act("annuler", "cancel", N_("Annuler la demande"), "danger", reason=True),
)  # fmt: skip
BY_SLUG = {act.slug: act for act in ACTS}

DECIDED = ("validate", "adjourn", "refuse", "send_to_special_cases", "ask_missing")


def acts_for(visit: Visit, state: str, elsewhere: bool = False) -> dict[str, Any]:
    """What the visitor may do from a state: simple acts, and whether to decide.

    `elsewhere`: a file alone says it referred or admitted; while a referral runs here, that one is
    answered, and none of these acts is offered.
    """
    allowed = []
    for act in ACTS:
        transition = MACHINE.find(state, act.verb)
        if state in BY_FILE and not elsewhere:
            continue
        if transition is not None and visit.ctx.can(transition.permission):
            allowed.append(act)
    deciding = any(MACHINE.find(state, verb) for verb in DECIDED)
    return {
        "simple": allowed,
        "enter": elsewhere and bool(visit.ctx.can("placements.confirm")),
        "decide": deciding and bool(visit.ctx.can("requests.decide")),
    }


def _act(slug: str) -> Act:
    act = BY_SLUG.get(slug)
    if act is None:
        raise NotFound()
    return act


@get("/demandes/{ref:str}/actes/{slug:str}", opt={"permission": "requests.read"})
async def ask(visit: Visiting, ref: FromPath[str], slug: FromPath[str]) -> Response[str]:
    """What the act changes, and what the household will read, before it is done."""
    return await _show(visit, ref, _act(slug), visit.blank())


async def _show(
    visit: Visit, ref: str, act: Act, form: Form, status: int = 200, refused: str = ""
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        file = await known(unit, await request_id_of(unit, ref))
    transition = MACHINE.find(file.request["state"], act.verb)
    return visit.page(
        "admin/requests/act.html",
        status=status,
        form=form,
        request=file.request,
        main=file.main,
        act=act,
        state=STATES[file.request["state"]],
        transition=transition,
        target=STATES[transition.target] if transition else None,
        refused=refused,
    )


@post("/demandes/{ref:str}/actes/{slug:str}", opt={"permission": "requests.read"})
async def do(visit: Visiting, ref: FromPath[str], slug: FromPath[str]) -> Response[str]:
    """Do it once; a rule that says no says why."""
    act, form = _act(slug), await visit.form()
    reason = form.text("reason", 1000)
    if act.reason and not reason:
        form.wrong("reason", N_("Indiquez un motif."))
    if act.asks and not form.value("stated"):
        form.wrong("stated", N_("Cochez la case pour confirmer."))

    async def work(unit: Unit) -> Any:
        request_id = await request_id_of(unit, ref)
        await _do(unit, request_id, act, reason)

    try:
        form.check()
        await visit.once(form, f"request.{act.verb}", work)
    except Invalid as error:
        return await _show(visit, ref, act, keep(visit, form, error), 422)
    except Refused as error:
        said = visit._(error.message, **error.params)
        return await _show(visit, ref, act, form, 409, said)
    return visit.to(f"/demandes/{ref}", said=N_("C’est fait."))


async def _do(unit: Unit, request_id: int, act: Act, reason: str) -> None:
    if act.verb == "refresh":
        await refresh(unit, request_id)
        return
    if act.elsewhere or await said_by_a_file(unit, request_id):
        await leave_elsewhere(unit, request_id, act.verb, reason)
        return
    facts = {act.fact: True} if act.fact else None
    await step(unit, request_id, act.verb, facts=facts, reason=reason)


HANDLERS = (ask, do)
