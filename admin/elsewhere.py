"""A demande that a file says referred or admitted: its entry noted in a place known here."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.entering import exit_options
from core.housing.labels import LEASE_LABELS
from core.housing.queries import unit_id_of, units_to_declare
from core.kernel.errors import Conflict, Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.elsewhere import note_entry, said_by_a_file
from core.placements.stay_reads import stays_of_household
from core.requests.facts import known
from core.requests.lifecycle import NOTHING_HERE, STATES
from core.requests.queries import request_id_of
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

MAY = {"permission": "placements.confirm"}


@get("/demandes/{ref:str}/entree", opt=MAY)
async def ask(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Which place, since when, under which contract."""
    return await _page(visit, ref, visit.blank(on=visit.ctx.clock.today(visit.ctx.place.zone)))


async def _page(visit: Visit, ref: str, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        request_id = await request_id_of(unit, ref)
        if not await said_by_a_file(unit, request_id):
            raise Refused(NOTHING_HERE.message)
        file = await known(unit, request_id)
        units = await units_to_declare(unit, urgent=True)
        stays = await stays_of_household(unit, file.request["household_id"])
    places: dict[str, list[tuple[str, str]]] = {}
    for one in units:
        if not one["occupied"]:
            places.setdefault(one["programme"], []).append((one["ref"], one["label"]))
    return visit.page(
        "admin/requests/entry.html",
        status=status,
        form=form,
        request=file.request,
        main=file.main,
        state=STATES[file.request["state"]],
        places=list(places.items()),
        leases=[(code, visit._(label)) for code, label in LEASE_LABELS.items()],
        current=[s for s in stays if s["state"] == "present"],
        exits=exit_options(visit),
    )


@post("/demandes/{ref:str}/entree", opt=MAY)
async def enter(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The household is in: its stay begins, its demande closes."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        request_id = await request_id_of(unit, ref)
        place = form.required("place", N_("Choisissez une place."))
        on, lease = form.date("on", required=True), form.choice("lease_kind", LEASE_LABELS)
        leave = form.integer("leave", 1, 32_000)
        form.check()
        assert on is not None
        made = await note_entry(
            unit, request_id, await unit_id_of(unit, place), on=on, lease_kind=lease,
            double=bool(form.value("double")), leave=leave,
        )  # fmt: skip
        return {"ref": await unit.value("SELECT ref FROM placement WHERE id = $1", made)}

    try:
        done = await visit.once(form, "placements.note_entry", work)
    except Invalid as error:
        return await _page(visit, ref, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        form.wrong("place", visit._(error.message, **error.params))
        return await _page(visit, ref, form, 409)
    return visit.to(f"/sejours/{done['ref']}", said=N_("Entrée enregistrée."))


HANDLERS = (ask, enter)
