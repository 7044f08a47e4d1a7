"""Pourquoi, pourquoi pas, ce qui aiderait, et si: any demande beside a place, a list, or all.

Whoever follows the household reads it; which places are open is for who reads those.
"""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.fact_words import fact_words
from admin.paging import asked
from core.housing.vacancy_reads import vacancies
from core.kernel.errors import Invalid, NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.explain import Explanation, WhyNot, explain, why_not
from core.matching.mentions import reference_on
from core.placements.passed import passed_of_request
from core.placements.passing import PASSING_REASONS
from core.placements.queries import candidate
from core.placements.why import decided_of
from core.requests.queries import request_id_of
from core.requests.recommendations import kind_labels
from core.territories.codes import code_list
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

ANSWERS = {"yes": True, "no": False, "unknown": None}
SHOWN = 30
"""How many open places are listed, the longest empty first."""


@get("/demandes/{ref:str}/pourquoi", opt={"permission": "requests.read"})
async def why(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Beside the place or the list of the address; without one, beside every open place."""
    chosen = {"place": asked(visit, "place") or "", "liste": asked(visit, "liste") or ""}
    return await _page(visit, ref, visit.blank(chosen), {})


@post("/demandes/{ref:str}/pourquoi", opt={"permission": "requests.read"})
async def what_if(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The same with some facts changed: nothing is written, and the address holds no fact."""
    form = await visit.form()
    changed: dict[str, Any] = {}
    if (persons := form.integer("persons", 1, 30)) is not None:
        changed["persons"] = persons
    if (money := form.money("resources")) is not None:
        changed["resources_cents"] = money
    for name in ("accessible_needed", "animals", "lawful_stay", "social_housing_no"):
        if (said := form.choice(name, ANSWERS)) is not None:
            changed[name] = ANSWERS[said]
    if kinds := form.all("kinds"):
        changed["kinds"] = kinds
    if form.errors:
        return await _page(visit, ref, keep(visit, form, Invalid(form.errors)), {}, 422)
    return await _page(visit, ref, form, changed)


async def _page(
    visit: Visit, ref: str, form: Form, changed: dict[str, Any], status: int = 200
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        await request_id_of(unit, ref.upper())  # within the reader's own scope, or NotFound
        row = await candidate(unit, ref.upper())
        await unit.let_in("requests.read", row["household_id"])
        judged = await _judged(visit, unit, row["id"], form, changed)
        everywhere = await why_not(visit.ctx, unit, row["id"], what_if=changed)
        before = await why_not(visit.ctx, unit, row["id"]) if changed else everywhere
        kinds = await kind_labels(unit)
        places = []
        if visit.ctx.can("vacancies.read"):
            places = await vacancies(unit, states=("declared", "held"), limit=200)
        decided = await decided_of(unit, row["id"])
        passed = await passed_of_request(unit, row["id"])
        on = unit.today
        say = await fact_words(visit, unit)
    return visit.page(
        "admin/requests/why.html",
        status=status,
        row=row,
        form=form,
        judged=judged,
        everywhere=everywhere,
        before=before,
        opens=_opens(visit, everywhere),
        shown=everywhere.places[:SHOWN] if places else (),
        changed=[(visit._(LABELS[n]), say(n, v))
                 for n, v in changed.items()],
        kinds=list(kinds.items()),
        kind_labels=kinds,
        places=[(p["ref"], f"{p['programme']} – {p['label']}") for p in places],
        answers=[("yes", visit._(N_("Oui"))), ("no", visit._(N_("Non"))),
                 ("unknown", visit._(N_("Ne sait pas")))],
        decided=[
            (d, [(visit._(label), say(n, v)) for n, label, v in d.facts])
            for d in decided
        ],
        passed=passed,
        passing={r.code: r for r in PASSING_REASONS},
        compositions=code_list("composition").labels(),
        law=reference_on(visit.ctx.place.country, on),
    )  # fmt: skip


LABELS = {
    "persons": N_("Nombre de personnes"),
    "resources_cents": N_("Ressources mensuelles"),
    "accessible_needed": N_("Accessibilité nécessaire"),
    "animals": N_("Animaux"),
    "lawful_stay": N_("Droit au séjour"),
    "social_housing_no": N_("Numéro unique"),
    "kinds": N_("Préconisations"),
}


async def _judged(
    visit: Visit, unit: Unit, request_id: int, form: Form, changed: dict[str, Any]
) -> Explanation | None:
    """Beside the place or the list that is asked for; None for neither, or one that is not here."""
    place, kind = form.value("place").upper(), form.value("liste")
    if place and not visit.ctx.can("vacancies.read"):
        place = ""
    asks: dict[str, Any] = {"what_if": changed, "ranked": True}
    try:
        if place:
            vacancy_id = await unit.value("SELECT id FROM vacancy WHERE ref = $1", place)
            return await explain(visit.ctx, unit, request_id, vacancy_id=vacancy_id or 0, **asks)
        if kind:
            return await explain(visit.ctx, unit, request_id, kind=kind, **asks)
    except NotFound:
        form.wrong(
            "place" if place else "liste", visit._(N_("Choisissez une réponse de la liste."))
        )
    return None


def _opens(visit: Visit, found: WhyNot) -> list[tuple[str, int, int, str]]:
    """(condition, places it keeps away, places it alone keeps, what would help) of each."""
    said: dict[str, str] = {}
    hidden = set()
    for place in found.places:
        for v in place.verdicts:
            if not v.bars:
                continue
            if not v.readable:
                hidden.add(v.key)
            elif v.help_staff:
                said.setdefault(v.key, v.help_staff.render(visit._))
    return [
        (
            visit._(OTHER if key in hidden else found.labels[key]),
            number,
            found.would_open.get(key, 0),
            said.get(key, ""),
        )
        for key, number in sorted(found.binding.items(), key=lambda item: (-item[1], item[0]))
    ]


OTHER = N_("Autre condition")

HANDLERS = (why, what_if)
