"""Kinds of housing and refusal reasons of a territory: in force, former, and a new version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.cards import Card, version_of
from core.housing.versions import (
    DEVICE_LABELS,
    EDITABLE,
    NUMBERS,
    kind_history,
    kinds_on,
    reword_kind,
)
from core.kernel.errors import Conflict, Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.versions import (
    AUTHOR_LABELS,
    FLAGS,
    reason_history,
    reasons_on,
    reword_reason,
)
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

MAY = "territory.settings"
KIND = Card(
    {
        "label": N_("Nom"),
        "label_en": N_("Nom en anglais"),
        "plain": N_("En mots simples, pour les ménages"),
        "audience": N_("Pour qui"),
        "contract": N_("Contrat"),
        "stay": N_("Séjour"),
        "stay_months_max": N_("Durée maximale, en mois"),
        "review_months": N_("Revue tous les, en mois"),
        "age_min": N_("Âge minimum de la personne principale"),
        "age_max": N_("Âge maximum de la personne principale"),
        "effort_percent_max": N_("Part des ressources à ne pas dépasser, en pour cent"),
        "source": N_("Source"),
    }
)
REASON = Card(
    {
        "label": N_("Motif"),
        "plain": N_("Ce que lit le ménage"),
        "admissible": N_("Recevable : un bon motif, accepté sans autre question"),
        "binds_household": N_(
            "Opposable au ménage : peut être retenu contre lui, à deux personnes"
        ),
        "keeps_seniority": N_("L’ancienneté est toujours gardée"),
        "needs_words": N_("Demande une explication écrite"),
        "contestable": N_("Peut être contesté par l’autre partie"),
        "evidence": N_("Ce qui est à montrer, et à noter"),
    },
    yes_no=frozenset(FLAGS),
)


@get("/reglages/types", opt={"permission": MAY})
async def kinds(visit: Visiting) -> Response[str]:
    """The kinds of housing in force."""
    async with visit.ctx.unit() as unit:
        found = await kinds_on(unit, unit.today)
    return visit.page("admin/kinds.html", kinds=found, devices=DEVICE_LABELS)


@get("/reglages/types/{code:str}", opt={"permission": MAY})
async def one_kind(visit: Visiting, code: FromPath[str]) -> Response[str]:
    """A kind, its versions, and the form of the next one."""
    return await _kind(visit, code)


async def _kind(
    visit: Visit, code: str, form: Form | None = None, status: int = 200, compared: Any = ()
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        versions = await kind_history(unit, code)
    kept = (*EDITABLE, *NUMBERS)
    return visit.page(
        "admin/kind.html",
        status=status,
        form=form
        or visit.blank({name: versions[0][name] for name in kept}, version=versions[0]["id"]),
        compared=compared,
        kind=versions[0],
        versions=versions,
        devices=DEVICE_LABELS,
    )


@post("/reglages/types/{code:str}", opt={"permission": MAY})
async def new_kind_version(visit: Visiting, code: FromPath[str]) -> Response[str]:
    """A new version of a kind from a day on."""
    form = await visit.form()
    texts = {name: form.text(name, 600) for name in EDITABLE}
    numbers = {n: form.integer(n, low, high) for n, (low, high, _) in NUMBERS.items()}

    async def work(unit: Unit) -> Any:
        starts_on = form.date("starts_on", required=True)
        form.check()
        assert starts_on is not None
        return await reword_kind(
            unit,
            code,
            starts_on=starts_on,
            numbers=numbers,
            version=version_of(form),
            **texts,
        )

    try:
        await visit.once(form, "housing.reword_kind", work)
    except Invalid as error:
        return await _kind(visit, code, keep(visit, form, error), 422)
    except Conflict as error:
        rows = KIND.compared(visit, error, {**texts, **numbers}, {})
        return await _kind(visit, code, KIND.upon(form, error, error.theirs), 409, rows)
    return visit.to(f"/reglages/types/{code}", said=N_("Nouvelle version enregistrée."))


@get("/reglages/motifs", opt={"permission": MAY})
async def reasons(visit: Visiting) -> Response[str]:
    """The refusal reasons in force, by author."""
    async with visit.ctx.unit() as unit:
        found = await reasons_on(unit, unit.today)
    by_author = {a: [r for r in found if r["author"] == a] for a in AUTHOR_LABELS}
    return visit.page("admin/reasons.html", by_author=by_author, authors=AUTHOR_LABELS)


@get("/reglages/motifs/{author:str}/{code:str}", opt={"permission": MAY})
async def one_reason(visit: Visiting, author: FromPath[str], code: FromPath[str]) -> Response[str]:
    """A reason, its versions, and the form of the next one."""
    return await _reason(visit, author, code)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A reason as its form holds it."""
    texts = {name: row[name] for name in ("label", "plain", "evidence")}
    return texts | {flag: "yes" if row[flag] else None for flag in FLAGS}


async def _reason(
    visit: Visit,
    author: str,
    code: str,
    form: Form | None = None,
    status: int = 200,
    compared: Any = (),
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        versions = await reason_history(unit, author, code)
    now = versions[0]
    blank = visit.blank(_shown(now), version=now["id"])
    return visit.page(
        "admin/reason.html",
        status=status,
        form=form or blank,
        compared=compared,
        reason=now,
        versions=versions,
        authors=AUTHOR_LABELS,
    )


@post("/reglages/motifs/{author:str}/{code:str}", opt={"permission": MAY})
async def new_reason_version(
    visit: Visiting, author: FromPath[str], code: FromPath[str]
) -> Response[str]:
    """A new version of a reason from a day on."""
    form = await visit.form()
    label, plain = form.text("label", 200), form.text("plain", 300)
    evidence = form.text("evidence", 200)
    flags = {flag: bool(form.value(flag)) for flag in FLAGS}

    async def work(unit: Unit) -> Any:
        starts_on = form.date("starts_on", required=True)
        form.check()
        assert starts_on is not None
        return await reword_reason(
            unit,
            author,
            code,
            label=label,
            plain=plain,
            evidence=evidence,
            starts_on=starts_on,
            version=version_of(form),
            **flags,
        )

    try:
        await visit.once(form, "refusal_reason.reword", work)
    except Invalid as error:
        return await _reason(visit, author, code, keep(visit, form, error), 422)
    except Conflict as error:
        rows = REASON.compared(
            visit, error, {"label": label, "plain": plain, "evidence": evidence, **flags}, {}
        )
        return await _reason(
            visit, author, code, REASON.upon(form, error, _shown(error.theirs)), 409, rows
        )
    return visit.to(f"/reglages/motifs/{author}/{code}", said=N_("Nouvelle version enregistrée."))


HANDLERS = (kinds, one_kind, new_kind_version, reasons, one_reason, new_reason_version)
