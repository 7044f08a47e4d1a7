"""Moving in: the day, the contract, what becomes of a former stay, and of the demande."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from core.housing.labels import LEASE_LABELS
from core.kernel.errors import Conflict, Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.procedures import kind_terms
from core.placements.queries import knows_household, referral
from core.placements.service import move_in
from core.placements.stay_reads import stays_of_household
from core.placements.stays import SHELTERS
from core.territories.codes import code_list
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

EXIT_GROUPS = {
    "housing": N_("Logement"),
    "rental_mediation": N_("Intermédiation locative"),
    "accompanied_housing": N_("Logement accompagné"),
    "shelter": N_("Hébergement"),
    "asylum": N_("Asile"),
    "care": N_("Soin"),
    "justice": N_("Justice"),
    "home_or_family": N_("Tiers, famille, domicile"),
    "street": N_("Rue"),
    "end_of_stay": N_("Fin du séjour"),
    "no_show": N_("Non présenté"),
    "other_department": N_("Autre département"),
    "death": N_("Décès"),
    "unknown": N_("Inconnu"),
}


def exit_options(visit: Visit) -> list[tuple[str, list[tuple[int, str]]]]:
    """Exit codes by group, as a list to choose from."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for item in code_list("exit").items:
        groups.setdefault(visit._(EXIT_GROUPS[item.group]), []).append((item.id, item.label))
    return list(groups.items())


@get("/orientations/{ref:str}/entrer", opt={"permission": "placements.record"})
async def ask_entry(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """When the household came in, under which contract."""
    today = visit.ctx.clock.today(visit.ctx.place.zone)
    return await _entry(visit, ref, visit.blank(on=today, onward="yes"))


async def _entry(visit: Visit, ref: str, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        row = await referral(unit, ref)
        stays = await stays_of_household(unit, row["household_id"])
        device = (await kind_terms(unit, row["programme_kind"], unit.today))["device"]
        knows = await knows_household(unit, row)
    if not form.value("lease_kind") and row["usual_lease"]:
        form = (
            visit.blank({**form.dump(), "lease_kind": row["usual_lease"]})
            if not form.errors
            else form
        )
    return visit.page(
        "admin/referrals/enter.html",
        status=status,
        row=row,
        form=form,
        current=[s for s in stays if s["state"] == "present"],
        knows=knows,
        shelter=device in SHELTERS,
        leases=[(code, visit._(label)) for code, label in LEASE_LABELS.items()],
        exits=exit_options(visit),
    )


@post("/orientations/{ref:str}/entrer", opt={"permission": "placements.record"})
async def enter(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The household is in; the demande closes."""
    form = await visit.form()

    async def work(unit: Unit) -> dict[str, Any]:
        row = await referral(unit, ref)
        on = form.date("on", required=True)
        lease = form.choice("lease_kind", LEASE_LABELS)
        leave = form.integer("leave", 1, 32_000)
        form.check()
        assert on is not None
        made = await move_in(
            unit,
            row["id"],
            on=on,
            lease_kind=lease,
            double=bool(form.value("double")),
            leave=leave,
            onward={"yes": True, "no": False}.get(form.value("onward")),
        )
        return {"ref": await unit.value("SELECT ref FROM placement WHERE id = $1", made)}

    try:
        done = await visit.once(form, "placements.move_in", work)
    except Invalid as error:
        return await _entry(visit, ref, keep(visit, form, error), 422)
    except (Refused, Conflict) as error:
        form.wrong("on", visit._(error.message, **error.params))
        return await _entry(visit, ref, form, 409)
    return visit.to(f"/sejours/{done['ref']}", said=N_("Entrée enregistrée."))


HANDLERS = (ask_entry, enter)
