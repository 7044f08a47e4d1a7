"""How a household is reached, its sector, its number: two editors compare, nothing is lost."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from admin.cards import Card, Choices, version_of
from admin.household_file import words
from core.households.file_reads import file_of
from core.households.queries import household_id_of
from core.households.service import change_household
from core.journal.changes import card_changes
from core.kernel.errors import Conflict, Invalid
from core.kernel.unit import Unit
from core.kernel.words import LANGUAGES, N_
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

WRITE = "households.write"
CARD = Card(
    {
        "phone": N_("Téléphone"),
        "email": N_("Courriel"),
        "language": N_("Langue"),
        "external_no": N_("Numéro SI-SIAO"),
        "sector_id": N_("Secteur"),
        "address": N_("Adresse"),
    }
)
_SECTORS = "SELECT id, name FROM sector WHERE ended_on IS NULL ORDER BY name"


async def _choices(unit: Unit) -> Choices:
    """Sectors that ended too: a former value still reads as it did."""
    sectors = await unit.fetch("SELECT id, name FROM sector")
    return {"sector_id": {r["id"]: r["name"] for r in sectors}, "language": LANGUAGES}


async def _household_page(
    visit: Visit, ref: str, form: Form | None = None, compared: Any = (), status: int = 200
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        file = await file_of(unit, household_id)
        sectors = [(r["id"], r["name"]) for r in await unit.fetch(_SECTORS)]
        choices = await _choices(unit)
        past = await card_changes(unit, "household", {household_id: file.household}, CARD.labels)
        context = words(visit, unit)
    h = file.household
    return visit.page(
        "admin/households/edit.html",
        status=status,
        file=file,
        h=h,
        main=next((m for m in file.members if m["role"] == "main"), None),
        form=form or visit.blank({n: h[n] for n in (*CARD.labels, "version")}),
        compared=compared,
        past=CARD.told(visit, past, choices),
        sectors=sectors,
        languages=list(LANGUAGES.items()),
        tab="file",
        **context,
    )


@get("/menages/{ref:str}/modifier", opt={"permission": WRITE})
async def edit(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """How the household is reached, its sector, its number."""
    return await _household_page(visit, ref)


@post("/menages/{ref:str}/modifier", opt={"permission": WRITE})
async def save(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Keep it; somebody else's change in between is shown beside."""
    form = await visit.form()

    fields = {
        "sector_id": form.integer("sector_id", 1, 2**62),
        "external_no": form.text("external_no", 50) or None,
        "phone": form.phone("phone"),
        "email": form.email("email"),
        "address": form.text("address", 500),
        "language": form.value("language") or "fr",
    }

    async def work(unit: Unit) -> dict[str, Any]:
        household_id = await household_id_of(unit, ref)
        form.choice("sector_id", {r["id"] for r in await unit.fetch(_SECTORS)})
        form.check()
        await change_household(unit, household_id, version_of(form), **fields)
        return {}

    try:
        await visit.once(form, "households.change", work)
    except Invalid as error:
        return await _household_page(visit, ref, keep(visit, form, error), status=422)
    except Conflict as error:
        async with visit.ctx.unit() as unit:
            rows = CARD.compared(visit, error, fields, await _choices(unit))
        return await _household_page(visit, ref, CARD.upon(form, error, error.theirs), rows, 409)
    return visit.to(f"/menages/{ref}", N_("Le dossier est enregistré."))


HANDLERS = (edit, save)
