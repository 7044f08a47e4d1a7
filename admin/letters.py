"""Courriers: letters to print in batches, to note as posted, handed over or returned, and undo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.files import pdf_file
from admin.paging import SIZE, asked, page_of
from core.extension.contributions import NavItem
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.notifications.paper import pdf
from core.notifications.post import (
    STANDS,
    STATES,
    Result,
    batch_of,
    content_of,
    contents,
    count_letters,
    letter,
    letters,
    note_return,
    post_letters,
    print_letters,
    undo_letters,
)
from core.notifications.rules import CHANNELS, RETURNS, TROUBLES
from core.voice import voice_of
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

READ, ACT = "messages.read", "messages.answer"

NEWS = N_("Il y a du nouveau")
TITLES = {
    "referral.proposed": N_("Proposition d’une place"),
    "referral.deadline_soon": N_("Rappel d’une proposition"),
    "request.refused": N_("Refus de la demande"),
    "entry.lapse_announced": N_("Sortie de liste annoncée"),
    "entry.lapsed": N_("Sortie de liste"),
    "key_worker.assigned": N_("Référent nommé"),
    "key_worker.changed": N_("Référent changé"),
}
"""What a letter is about, as the team reads it; any other says its event's own words."""

SAID = {
    "imprimer": N_("Le lot est prêt : ouvrez le PDF, imprimez-le, puis notez l’envoi."),
    "poster": N_("L’envoi est noté."),
    "remettre": N_("La remise est notée."),
    "annuler": N_("C’est annulé."),
}
ACTS = tuple(SAID)


def about(visit: Visit, row: Any) -> str:
    """What a letter is about, in a few words."""
    if row["template"] == "notice":
        return visit._(NEWS)
    if row["template"] in TITLES:
        return visit._(TITLES[row["template"]])
    kind = visit.ctx.registry.event_kinds.get(row["template"])
    return visit._(kind.staff) if kind else visit._(NEWS)


@get("/courriers", opt={"permission": READ})
async def post_list(visit: Visiting) -> Response[str]:
    """The letters of one step of their life; those to print first."""
    return await _list(visit)


async def _list(visit: Visit, form: Form | None = None, status: int = 200) -> Response[str]:
    state = asked(visit, "etat") or (form.value("etat") if form else "") or "to_print"
    if state not in STATES:
        raise NotFound()
    async with visit.ctx.unit() as unit:
        rows = await letters(unit, state, after=asked(visit, "apres"), limit=SIZE + 1)
        counts = await count_letters(unit)
        today = unit.today
    shown, pager = page_of(visit, rows)
    visit.counts["letters"] = counts.get("to_print", 0)
    return visit.page(
        "admin/outbox/post.html",
        fragment="results",
        status=status,
        rows=shown,
        pager=pager,
        state=state,
        states=STATES,
        counts=counts,
        about=lambda row: about(visit, row),
        troubles=TROUBLES,
        form=form or visit.blank(on=today.isoformat()),
    )


async def _results(visit: Visit, act: str, results: Sequence[Result]) -> Response[str]:
    """What became of each, where one of them was not as the act needs it."""
    return visit.page("admin/outbox/results.html", act=act, results=results, said=SAID[act])


@post("/courriers/actes/{slug:str}", opt={"permission": ACT})
async def act(visit: Visiting, slug: FromPath[str]) -> Response[str]:
    """One act on the letters that were ticked: print, post, hand over, one step back."""
    if slug not in ACTS:
        raise NotFound()
    form = await visit.form()
    refs = [ref.upper() for ref in form.all("letters")]
    on = form.date("on") if slug in ("poster", "remettre") else None

    async def work(unit: Unit) -> dict[str, Any]:
        form.check()
        batch = ""
        results: list[Result] = []
        if slug == "imprimer":
            batch, results = await print_letters(unit, refs, voice_of(visit.ctx))
        elif slug == "annuler":
            results = await undo_letters(unit, refs)
        else:
            results = await post_letters(unit, refs, on or unit.today, by_hand=slug == "remettre")
        return {"batch": batch, "results": [[r.ref, r.name, r.why] for r in results]}

    try:
        done = await visit.once(form, f"letters.{slug}", work)
    except Invalid as error:
        return await _again(visit, keep(visit, form, error), 422)
    except Refused as error:
        form.errors["letters"] = visit._(error.message)
        return await _again(visit, form, 409)
    results = [Result(*one) for one in done["results"]]
    batch = done["batch"] or form.value("batch")
    if any(r.why for r in results):
        return await _results(visit, slug, results)
    back = f"/courriers/lots/{batch}" if batch else "/courriers"
    if not batch and form.value("etat") in STATES:
        back += f"?etat={form.value('etat')}"
    return visit.to(back, said=SAID[slug])


async def _again(visit: Visit, form: Form, status: int) -> Response[str]:
    if form.value("batch"):
        return await _batch(visit, form.value("batch"), form, status)
    return await _list(visit, form, status)


@get("/courriers/lots/{ref:str}", opt={"permission": READ})
async def batch(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Letters printed together: where each stands, their file, and noting that they left."""
    return await _batch(visit, ref)


async def _batch(
    visit: Visit, ref: str, form: Form | None = None, status: int = 200
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        rows = await batch_of(unit, ref.upper())
        today = unit.today
    return visit.page(
        "admin/outbox/batch.html",
        status=status,
        ref=ref.upper(),
        rows=rows,
        to_post=[r for r in rows if r["state"] == "printed"],
        posted=[r for r in rows if r["state"] in ("posted", "handed")],
        states=STANDS,
        about=lambda row: about(visit, row),
        form=form or visit.blank(on=today.isoformat()),
    )


@get("/courriers/lots/{ref:str}/pdf", opt={"permission": READ})
async def batch_file(visit: Visiting, ref: FromPath[str]) -> Response[bytes]:
    """The whole batch as one file to print, each letter on a sheet of its own."""
    async with visit.ctx.unit() as unit:
        rows = await batch_of(unit, ref.upper())
    made = await pdf(contents(rows), visit._(N_("Courriers à imprimer")))
    return pdf_file(made, f"courriers-{ref.upper()}")


@get("/courriers/{ref:str}", opt={"permission": READ})
async def one(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """One letter, word for word as it left or will leave."""
    return await _one(visit, ref)


async def _one(
    visit: Visit, ref: str, form: Form | None = None, status: int = 200
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        row = await letter(unit, ref.upper())
    return visit.page(
        "admin/outbox/one.html",
        status=status,
        row=row,
        title=about(visit, row),
        content=content_of(row) if row["content"] is not None else None,
        states=STANDS,
        troubles=TROUBLES,
        returns=[(key, visit._(label)) for key, label in RETURNS.items()],
        form=form or visit.blank(),
    )


@get("/courriers/{ref:str}/pdf", opt={"permission": READ})
async def one_file(visit: Visiting, ref: FromPath[str]) -> Response[bytes]:
    """The letter as a file."""
    async with visit.ctx.unit() as unit:
        row = await letter(unit, ref.upper())
    if row["content"] is None:
        raise NotFound()
    made = await pdf([content_of(row)], visit._(N_("Courrier")))
    return pdf_file(made, f"courrier-{ref.upper()}")


@post("/courriers/{ref:str}/retour", opt={"permission": ACT})
async def returned(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The letter came back: why; what it said leaves otherwise."""
    form = await visit.form()

    async def work(unit: Unit) -> str:
        by = await note_return(unit, ref.upper(), form.value("why"), voice_of(visit.ctx))
        return by or ""

    try:
        by = await visit.once(form, "letters.returned", work)
    except Invalid as error:
        return await _one(visit, ref, keep(visit, form, error), 422)
    except Refused as error:
        form.errors["why"] = visit._(error.message)
        return await _one(visit, ref, form, 409)
    said = N_("Le retour est noté : cette adresse ne servira plus.")
    if by in CHANNELS:
        said = OTHERWISE[by]
    return visit.to(f"/courriers/{ref.upper()}", said=said)


OTHERWISE = {
    "email": N_("Le retour est noté : la personne sera prévenue par courriel."),
    "sms": N_("Le retour est noté : la personne sera prévenue par SMS."),
    "letter": N_("Le retour est noté : une lettre est à remettre en main propre."),
    "voice": N_("Le retour est noté : la personne est à prévenir de vive voix."),
}
"""What becomes of what a returned letter said."""

HANDLERS = (post_list, act, batch, batch_file, one, one_file, returned)
NAV = (NavItem(N_("Courriers"), "/courriers", READ, order=63, icon="message", count="letters"),)
