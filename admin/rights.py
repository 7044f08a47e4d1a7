"""A person's rights: the copy of what is held of them, and its erasure, each with its reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from core.households.queries import household_id_of
from core.kernel.errors import Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_, Sentence
from core.rights.copies import Copy, copy_of
from core.rights.queries import acts_of, person_of, require_own_copy
from core.rights.rules import BASES, KEPT
from core.rights.saying import document, parts_of
from core.rights.service import erase, note_copy, rehearse
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep
from core.web.words import format_date, format_datetime

COPY, ERASE = "rights.copy", "rights.erase"
KINDS = {"copy": N_("Copie remise"), "erasure": N_("Données effacées")}

TABLES = {
    "exchange": N_("Messages et réponses"),
    "outgoing_message": N_("Envois"),
    "answer": N_("Réponses aux questions"),
    "note": N_("Notes"),
    "field_question": N_("Questions au référent"),
    "draft": N_("Brouillons"),
    "external_change": N_("Reports vers le SI-SIAO"),
    "shelter_handover": N_("Passages par le 115"),
    "request_state": N_("Motifs des étapes de la demande"),
    "decision": N_("Textes des décisions"),
    "recommendation": N_("Motifs des préconisations"),
    "resource": N_("Ressources"),
    "request_tag": N_("Motifs des mentions"),
    "seniority_act": N_("Motifs des changements d’ancienneté"),
    "referral": N_("Textes des propositions"),
    "referral_state": N_("Motifs des réponses aux propositions"),
    "passed_over": N_("Motifs des passages devant"),
    "placement": N_("Textes des sorties"),
    "emergency_admission": N_("Accueils en urgence"),
    "imported_demande": N_("Lignes de fichiers importés"),
    "housing_request": N_("Résumés et numéros des demandes"),
    "protection": N_("Mesures de protection"),
    "access_code": N_("Cartes avec un code"),
    "return_code": N_("Codes pour revenir"),
    "resident_account": N_("Accès à l’espace personnel"),
    "household": N_("Téléphone et adresse du ménage"),
    "person": N_("Noms, naissance et contacts"),
}
"""What an erasure takes, as the page counts it; the other rows are told together."""


def _said(visit: Visit, sentence: Sentence) -> str:
    params = {
        key: format_date(value, visit.ctx.lang) if isinstance(value, date) else value
        for key, value in sentence.params.items()
    }
    return visit._(sentence.msgid, **params)


async def _page(
    visit: Visit, ref: str, person: str, form: Form | None = None, status: int = 200
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        who = await person_of(unit, household_id, person)
        acts = await acts_of(unit, who["id"])
    return visit.page(
        "admin/rights/person.html",
        status=status,
        ref=ref,
        who=who,
        acts=acts,
        kinds=KINDS,
        bases=BASES,
        form=form or visit.blank(),
    )


@get("/menages/{ref:str}/personnes/{person:str}/droits", opt={"permission": COPY})
async def rights(visit: Visiting, ref: FromPath[str], person: FromPath[str]) -> Response[str]:
    """What was done for this person, and what may be."""
    return await _page(visit, ref, person)


@post("/menages/{ref:str}/personnes/{person:str}/droits", opt={"permission": COPY})
async def hand_out(visit: Visiting, ref: FromPath[str], person: FromPath[str]) -> Response[str]:
    """Note that a copy is handed out, with why; then it is open to its author for a day."""
    form = await visit.form()

    async def work(unit: Unit) -> int:
        household_id = await household_id_of(unit, ref)
        who = await person_of(unit, household_id, person)
        return await note_copy(unit, household_id, who["id"], form.value("reason"))

    try:
        act = await visit.once(form, "rights.copy", work)
    except Invalid as error:
        return await _page(visit, ref, person, keep(visit, form, error), 422)
    return visit.to(f"/menages/{ref}/personnes/{person}/droits/copie/{act}")


async def _copy(visit: Visit, ref: str, person: str, act: int) -> Copy:
    """The copy that the actor noted, less the classes it may not read of this household."""
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        who = await person_of(unit, household_id, person)
        await require_own_copy(unit, who["id"], act)
        copied = await copy_of(visit.ctx, unit, who["id"], lambda asked: bool(visit.ctx.can(asked)))
    return copied


@get("/menages/{ref:str}/personnes/{person:str}/droits/copie/{act:int}", opt={"permission": COPY})
async def copied(
    visit: Visiting, ref: FromPath[str], person: FromPath[str], act: FromPath[int]
) -> Response[str]:
    """The copy, to read and print."""
    found = await _copy(visit, ref, person, act)
    zone, say = visit.ctx.place.zone, visit.file_words

    def when(at: Any) -> str:
        return format_datetime(at, "fr", zone) if hasattr(at, "hour") else format_date(at)

    return visit.page(
        "admin/rights/copy.html",
        copy=found,
        parts=parts_of(found, say, when),
        left_out=[say(title) for title in found.left_out],
        unread=[say(title) for title in found.unread],
        base=visit.href(f"/menages/{ref}/personnes/{person}/droits"),
        act=act,
    )


@get(
    "/menages/{ref:str}/personnes/{person:str}/droits/copie/{act:int}/fichier",
    opt={"permission": COPY},
)
async def copied_file(
    visit: Visiting, ref: FromPath[str], person: FromPath[str], act: FromPath[int]
) -> Response[bytes]:
    """The copy as a file."""
    found = await _copy(visit, ref, person, act)
    held = document(found, visit.ctx.place.name, visit.file_words)
    return Response(
        msgspec.json.format(msgspec.json.encode(held), indent=2),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="copie-{person}.json"'},
    )


async def _preview(
    visit: Visit, ref: str, person: str, form: Form, status: int = 200
) -> Response[str]:
    basis = form.value("basis") if form.value("basis") in BASES else "asked"
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        who = await person_of(unit, household_id, person)
        trouble, seen = "", None
        try:
            seen = await rehearse(visit.ctx, unit, who["id"], basis)
        except Refused as error:
            trouble = visit._(
                error.message, **{k: visit._(str(v)) for k, v in error.params.items()}
            )
    counts = seen.counts if seen else {}
    return visit.page(
        "admin/rights/erase.html",
        status=status,
        ref=ref,
        who=who,
        seen=seen,
        trouble=trouble,
        against=[_said(visit, no) for no in seen.against] if seen else [],
        lines=[(label, counts[table]) for table, label in TABLES.items() if counts.get(table)],
        others=sum(n for table, n in counts.items() if table not in TABLES),
        kept=KEPT,
        basis_options=[(key, visit._(label)) for key, label in BASES.items()],
        form=form,
    )


@get(
    "/menages/{ref:str}/personnes/{person:str}/droits/effacer",
    opt={"permission": ERASE, "writes": True},
)
async def before_erasing(
    visit: Visiting, ref: FromPath[str], person: FromPath[str]
) -> Response[str]:
    """What would be erased today, what is kept and why, what stands in the way. The erasure is
    done and taken back: what is shown is what would happen."""
    return await _preview(visit, ref, person, visit.blank(basis="asked"))


@post("/menages/{ref:str}/personnes/{person:str}/droits/effacer", opt={"permission": ERASE})
async def erase_person(visit: Visiting, ref: FromPath[str], person: FromPath[str]) -> Response[str]:
    """Erase, once it was read and confirmed."""
    form = await visit.form()

    async def work(unit: Unit) -> int:
        household_id = await household_id_of(unit, ref)
        who = await person_of(unit, household_id, person)
        if not form.value("confirmed"):
            form.wrong("confirmed", N_("Confirmez que vous avez lu ce qui est effacé."))
            form.check()
        return await erase(
            visit.ctx, unit, household_id, who["id"],
            basis=form.value("basis"), reason=form.value("reason"),
        )  # fmt: skip

    try:
        await visit.once(form, "rights.erase", work)
    except Invalid as error:
        return await _preview(visit, ref, person, keep(visit, form, error), 422)
    except Refused as error:
        form.wrong("basis", _said(visit, Sentence(error.message, error.params)))
        return await _preview(visit, ref, person, form, 409)
    return visit.to(f"/menages/{ref}", N_("Les données de cette personne sont effacées."))


HANDLERS = (rights, hand_out, copied, copied_file, before_erasing, erase_person)
