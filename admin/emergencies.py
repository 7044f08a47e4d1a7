"""Emergency admissions: a structure declares one, the SIAO ties it to a file or sets it aside."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from core.households.queries import find_people, household_id_of
from core.housing.queries import unit_id_of, units_to_declare
from core.kernel.errors import Conflict, Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.emergency import CONFIRM, STATES, emergency, files_alike
from core.placements.service import (
    confirm_emergency,
    declare_emergency,
    place_directly,
    set_emergency_aside,
)
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

RECORD = "placements.record"
UNKNOWN = N_(
    "Aucun dossier ne correspond. Vérifiez le nom ou le numéro, ou ouvrez un dossier par une "
    "nouvelle demande."
)
SEVERAL = N_("Choisissez le bon dossier.")
MOST = 20
"""Files offered for a name."""


@get("/sejours/urgence", opt={"permission": RECORD})
async def ask(visit: Visiting) -> Response[str]:
    """An admission that could not wait for the SIAO."""
    today = visit.ctx.clock.today(visit.ctx.place.zone)
    return await _ask(visit, visit.blank(on=today, told_on=today))


async def _ask(visit: Visit, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        units = await units_to_declare(unit, urgent=True)
        choices = await _named(unit, form)
    groups: dict[str, list[tuple[str, str]]] = {}
    for u in units:
        if not u["occupied"]:
            groups.setdefault(u["programme"], []).append((u["ref"], u["label"]))
    return visit.page(
        "admin/stays/direct.html",
        status=status,
        form=form,
        units=list(groups.items()),
        knows=bool(visit.ctx.can(CONFIRM)),
        choices=choices,
    )


async def _named(unit: Unit, form: Form) -> list[tuple[str, str]]:
    """(reference, words) of the files to choose among, once a name was typed instead of one."""
    typed = form.value("household")
    if not form.error("household") or not typed:
        return []
    files: dict[str, str] = {}
    for one in await find_people(unit, typed, limit=MOST):
        if one["archived_on"] is None:
            born = f", {one['birth']:%d/%m/%Y}" if one["birth"] else ""
            name = f"{one['family_name']} {one['given_name']}{born}"
            files.setdefault(one["household_ref"], name)
    return list(files.items())


@post("/sejours/urgence", opt={"permission": RECORD})
async def admit(visit: Visiting) -> Response[str]:
    """The SIAO notes the stay; a structure, which may read no file of it, declares it."""
    form = await visit.form()
    knows = bool(visit.ctx.can(CONFIRM))

    async def work(unit: Unit) -> dict[str, Any]:
        place = form.required("place", N_("Choisissez une place."))
        on, told_on = form.date("on", required=True), form.date("told_on")
        why, birth = form.text("why"), form.birth("birth")
        number, typed = form.text("number", 40), form.value("household")
        if knows and not typed:
            form.wrong("household", N_("Indiquez le nom ou le numéro du ménage."))
        form.check()
        assert on is not None
        unit_id = await unit_id_of(unit, place)
        if not knows:
            await declare_emergency(
                unit, unit_id, number=number, birth=birth, on=on, told_on=told_on, why=why
            )
            return {}
        made = await place_directly(
            unit,
            unit_id,
            await _household(unit, typed),
            on=on,
            told_on=told_on,
            why=why,
            double=bool(form.value("double")),
        )
        return {"ref": await unit.value("SELECT ref FROM placement WHERE id = $1", made)}

    try:
        done = await visit.once(form, "placements.place_directly", work)
    except Invalid as error:
        return await _ask(visit, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        form.wrong("place", visit._(error.message, **error.params))
        return await _ask(visit, form, 409)
    if not knows:
        said = N_("Admission déclarée. Le SIAO la rattache au dossier de la personne.")
        return visit.to("/sejours", said=said)
    return visit.to(f"/sejours/{done['ref']}", said=N_("Admission en urgence notée."))


async def _household(unit: Unit, typed: str) -> int:
    """The file that was chosen by its reference; a name or a number leads to a choice."""
    try:
        return await household_id_of(unit, typed)
    except NotFound:
        found = typed and await find_people(unit, typed, limit=1)
        raise Invalid({"household": SEVERAL if found else UNKNOWN}) from None


@get("/sejours/urgence/{ref:str}", opt={"permission": CONFIRM})
async def show(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """What the structure said, and the files that have this number."""
    return await _show(visit, ref, visit.blank())


async def _show(visit: Visit, ref: str, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        row = await emergency(unit, ref)
        alike = await files_alike(unit, row["number"], row["birth"])
        choices = await _named(unit, form)
    sure = [f for f in alike if f["same_birth"]]
    if not form.value("household") and len(sure) == 1 and not form.errors:
        form = visit.blank({**form.dump(), "household": sure[0]["ref"]})
    return visit.page(
        "admin/stays/emergency.html",
        status=status,
        row=row,
        alike=alike,
        choices=choices,
        state=STATES[row["state"]],
        form=form,
    )


@post("/sejours/urgence/{ref:str}", opt={"permission": CONFIRM})
async def confirm(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Whose file it is: the stay begins; or why it is set aside."""
    form = await visit.form()
    aside = form.value("then") == "ecarter"

    async def work(unit: Unit) -> dict[str, Any]:
        row = await emergency(unit, ref)
        words = form.text("words", 500)
        form.check()
        if aside:
            await set_emergency_aside(unit, row["id"], words=words)
            return {}
        made = await confirm_emergency(
            unit,
            row["id"],
            await _household(unit, form.value("household")),
            double=bool(form.value("double")),
        )
        return {"ref": await unit.value("SELECT ref FROM placement WHERE id = $1", made)}

    try:
        done = await visit.once(form, "placements.settle_emergency", work)
    except Invalid as error:
        return await _show(visit, ref, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        form.wrong("household", visit._(error.message, **error.params))
        return await _show(visit, ref, form, 409)
    if aside:
        return visit.to("/sejours", said=N_("Déclaration écartée : la structure en lit le motif."))
    return visit.to(f"/sejours/{done['ref']}", said=N_("Admission en urgence confirmée."))


HANDLERS = (ask, admit, show, confirm)
