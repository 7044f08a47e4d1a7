"""One demande: completed over days, transmitted when nothing is missing, with its history."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin import request_form as rf
from admin.request_acts import acts_for
from admin.request_reading import read, reading, typed_here
from admin.request_rows import LISTS, shown
from core.households.scope import readable_classes
from core.imports.doubts import doubts_of
from core.kernel.errors import Conflict, Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.queries import entries_of
from core.matching.rules import ENTRY
from core.placements.elsewhere import said_by_a_file
from core.placements.lifecycle import REFERRAL
from core.placements.queries import referrals_of_household
from core.requests.decisions import OUTCOMES, adjournment
from core.requests.drafts import Begun, begun, drop_draft, others_filling
from core.requests.facts import Known, known
from core.requests.lifecycle import STATES, TRANSITIONS
from core.requests.queries import areas, history, last_author, organisations, request_id_of
from core.requests.recommendations import SUPPORT, kind_labels
from core.requests.service import complete_request, transmit
from core.requests.tags import tags_of
from core.territories.codes import code_list
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

SENDS = ("draft", "incomplete", "to_refresh")
"""States from which a demande is transmitted."""

SAID_BY = {
    "open": N_("Demande ouverte."),
    "carried": N_("Demande reprise après un changement du ménage."),
}
REMEDIES = {
    "reexamination": N_("Réexamen par le SIAO"),
    "daho": N_("Recours devant la commission de médiation (DAHO)"),
    "administrative_court": N_("Recours devant le tribunal administratif"),
    "mediator": N_("Médiateur ou personne qualifiée"),
}


@get("/demandes/{ref:str}", opt={"permission": "requests.read"})
async def show(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The demande as it stands, to read, complete, decide."""
    async with visit.ctx.unit() as unit:
        request_id = await request_id_of(unit, ref)
        draft = None
        if visit.ctx.can("requests.write"):
            draft = await begun(unit, rf.FORM, ref)
        if draft is None:
            return await request_page(visit, unit, request_id)
        form = visit.blank({**draft.values, "draft_version": draft.version})
        if form.integer("version", 0, 10**9) == (await known(unit, request_id)).request["version"]:
            return await request_page(visit, unit, request_id, form, draft=draft)
        # The demande moved on since the draft was begun: nothing of either is lost.
        return await _merged(visit, unit, request_id, form, 200, draft)


async def request_page(
    visit: Visit,
    unit: Unit,
    request_id: int,
    form: Form | None = None,
    status: int = 200,
    compared: dict[str, list[dict[str, Any]]] | None = None,
    author: Any = None,
    draft: Begun | None = None,
    fragment: str | None = None,
) -> Response[str]:
    """The page of a demande: `form` instead of what stands, `compared` with what others saved."""
    file = await known(unit, request_id)
    kinds, communes = await kind_labels(unit), await areas(unit)
    prescribers = await organisations(unit)
    past = await history(unit, request_id)
    entries = await entries_of(unit, request_id)
    household_id = file.request["household_id"]
    referrals = await referrals_of_household(unit, household_id)
    waits_for = await adjournment(unit, request_id)
    by_file = await said_by_a_file(unit, request_id)
    values = rf.values_of(file)
    given = form is not None
    if form is None:
        form = visit.blank(
            {
                **rf.fields_of(values),
                "base": rf.seal(values),
                "version": file.request["version"],
                "draft_version": draft.version if draft else 0,
            }
        )
    classes = await readable_classes(unit, household_id)
    tags = await tags_of(unit, request_id, visit.ctx.registry.tags, classes)
    sends = file.request["state"] in SENDS
    missing = file.missing() if sends else []
    doubts = await doubts_of(unit, request_id, household_id) if sends else []
    return visit.page(
        "admin/requests/file.html",
        fragment=fragment,
        status=status,
        draft=draft,
        tags=tags,
        others=await others_filling(unit, rf.FORM, file.request["ref"]),
        rows={name: len(shown(form.dump(), name)) for name in LISTS},
        resource_kinds=code_list("resources").labels(),
        members=[(p["ref"], f"{p['given_name']} {p['family_name']}") for p in file.people],
        form=form,
        request=file.request,
        people=file.people,
        state=STATES[file.request["state"]],
        missing=[
            {"text": visit._(m.message), "field": rf.WHERE[m.field], "name": m.field}
            for m in missing
            if not typed_here(form, m.field)
        ],
        sends=sends,
        doubts=[(doubt, doubt.said.render(visit._)) for doubt in doubts],
        compared=compared,
        reading=reading(visit._, file, kinds, communes, prescribers),
        editing=sends or given or draft is not None,
        author=author,
        composition=_composition(file),
        reasons=code_list("request_reason").labels(),
        situations=code_list("residential_situation").labels(),
        organisations=[(o["id"], o["name"]) for o in prescribers],
        areas=[(a["id"], a["name"]) for a in communes],
        kinds=kinds,
        support=[(level, visit._(label)) for level, label in SUPPORT.items()],
        no_level=[
            ("refused", visit._(N_("Ne souhaite pas répondre"))),
            ("unknown", visit._(N_("Ne sait pas"))),
        ],
        four=[
            ("yes", visit._(N_("Oui"))),
            ("no", visit._(N_("Aucune ressource"))),
            ("refused", visit._(N_("Ne souhaite pas répondre"))),
            ("unknown", visit._(N_("Ne sait pas"))),
        ],
        no_choice={
            name: [(key, visit._(label)) for key, label in rf.others(name)] for name in rf.BESIDE
        },
        entries=entries,
        referrals=[r for r in referrals if r["request_id"] == request_id],
        referral_states=REFERRAL.states,
        past=past,
        steps=[{**dict(s), "said": _said(s)} for s in past.steps],
        remedies=REMEDIES,
        d_labels=OUTCOMES,
        entry_states=ENTRY.states,
        waits_for=waits_for if file.request["state"] in ("adjourned", "incomplete") else None,
        acts=acts_for(visit, file.request["state"], by_file),
        by_file=by_file,
        today=unit.today,
    )


def _composition(file: Known) -> str | None:
    labels = code_list("composition").labels()
    return labels.get(file.composition) if file.composition is not None else None


def _said(row: Any) -> str:
    if row["verb"] in SAID_BY:
        return SAID_BY[row["verb"]]
    for transition in TRANSITIONS:
        if transition.verb == row["verb"] and transition.target == row["state"]:
            return transition.staff
    return STATES[row["state"]].label


@post("/demandes/{ref:str}", opt={"permission": "requests.write"})
async def save(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Save what was typed, whatever is missing; transmit too when that was asked."""
    form = await visit.form()
    sending = form.value("then") == "transmettre"

    async def work(unit: Unit) -> Any:
        request_id = await request_id_of(unit, ref)
        file = await known(unit, request_id)
        words = await _words(unit, file)
        fields = read(form, file, words, unit.today)
        form.check()
        version = form.integer("version", 0, 10**9) or 0
        await complete_request(unit, request_id, version, **fields)
        await drop_draft(unit, rf.FORM, ref)
        if not sending:
            return "saved"
        unit.require("requests.transmit")
        if (await known(unit, request_id)).missing():
            return "missing"
        doubts = await doubts_of(unit, request_id, file.request["household_id"])
        if doubts and not form.value("doubts_checked"):
            return "doubtful"
        # The day of information is one of the answers just saved.
        await transmit(unit, request_id, informed_on=None, doubts=[doubt.key for doubt in doubts])
        return "sent"

    try:
        done = await visit.once(form, "request.save", work)
    except Invalid as error:
        return await _again(visit, ref, keep(visit, form, error), 422)
    except Conflict as error:
        if not error.theirs:
            form.wrong("summary", visit._(error.message))
            return await _again(visit, ref, form, 409)
        return await _compare(visit, ref, form)
    if done == "missing":
        return visit.to(f"/demandes/{ref}#manque", said=STILL_MISSING, tone="warn")
    if done == "doubtful":
        return visit.to(f"/demandes/{ref}#doutes", said=IN_DOUBT, tone="warn")
    said = N_("Demande transmise.") if done == "sent" else N_("Demande enregistrée.")
    return visit.to(f"/demandes/{ref}", said=said)


OTHER_VALUE = N_("Autre valeur enregistrée entre-temps : %(now)s")
IN_DOUBT = N_(
    "Tout est enregistré. Un fichier importé a laissé des doutes : vérifiez-les, cochez la case, "
    "puis transmettez."
)
STILL_MISSING = N_("Tout est enregistré. Il manque des réponses avant de transmettre.")


async def _again(visit: Visit, ref: str, form: Form, status: int) -> Response[str]:
    async with visit.ctx.unit() as unit:
        return await request_page(visit, unit, await request_id_of(unit, ref), form, status)


async def _words(unit: Unit, file: Known) -> rf.Words:
    return rf.words_of(
        await kind_labels(unit), await areas(unit), await organisations(unit), file.people
    )


async def _compare(visit: Visit, ref: str, form: Form) -> Response[str]:
    async with visit.ctx.unit() as unit:
        return await _merged(visit, unit, await request_id_of(unit, ref), form, 409)


async def _merged(
    visit: Visit,
    unit: Unit,
    request_id: int,
    form: Form,
    status: int,
    draft: Begun | None = None,
) -> Response[str]:
    """Somebody else saved meanwhile: what they changed, field by field, and mine kept."""
    file = await known(unit, request_id)
    words = await _words(unit, file)
    base, theirs = rf.unseal(form.value("base")), rf.values_of(file)
    merged = rf.merge(base, rf.typed(form), theirs)
    compared = {
        part: [
            {
                "label": visit._(rf.LABELS[name]),
                "before": rf.said(name, base[name], words, visit._),
                "now": rf.said(name, theirs[name], words, visit._),
                "mine": rf.said(name, merged.values[name], words, visit._),
                "both": name in merged.both,
            }
            for name in names
        ]
        for part, names in (("differs", merged.differs), ("taken", merged.taken))
    }
    fresh = visit.blank(
        {
            **rf.fields_of(merged.values),
            "base": rf.seal(theirs),
            "version": file.request["version"],
            "draft_version": form.value("draft_version"),
            "situation_on": form.value("situation_on"),
        }
    )
    for name in merged.both:
        now = rf.said(name, theirs[name], words, visit._)
        fresh.wrong(rf.ANCHORS.get(name, name), visit._(OTHER_VALUE, now=now))
    author = await last_author(unit, request_id)
    return await request_page(visit, unit, request_id, fresh, status, compared, author, draft)


HANDLERS = (show, save)
