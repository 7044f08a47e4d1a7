"""Names that imported files use: each is said once to be a sector, an organisation, or nobody's."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.response import Response

from core.housing.service import register_organisation
from core.imports.settled_names import KINDS, Choice, Name, settle_names, settled, unsettled
from core.imports.uploads import Uploads
from core.kernel.errors import Invalid, NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.queries import organisations
from core.territories.codes import code_list
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

MAY = {"permission": "imports.run"}
SHOWN = 40
"""Names of a kind on the page: the most frequent; the others follow once these are said."""
NOBODY = "personne"

Options = list[tuple[str, list[tuple[str, str]]]]


def _told(visit: Visit) -> dict[str, dict[str, int]]:
    """The unknown names of a file that is only checked (`?fichier=`), as its report has them."""
    token = visit.request.query_params.get("fichier", "")
    if not token:
        return {}
    upload = Uploads(visit.ctx.settings.home).find(token, visit.ctx.place.id)
    return dict(upload.report.get("names", {}))


async def _options(visit: Visit, unit: Unit) -> dict[str, Options]:
    sectors = await unit.fetch(
        "SELECT id, name FROM sector WHERE ended_on IS NULL OR ended_on > $1 ORDER BY name, id",
        unit.today,
    )
    known = await organisations(unit)
    _ = visit._
    found: dict[str, Options] = {
        "commune": [
            (_(N_("Secteur")), [(f"s{r['id']}", r["name"]) for r in sectors]),
            (_(N_("Autre")), [(NOBODY, _(N_("Hors du territoire")))]),
        ],
        "prescriber": [
            (_(N_("Organisation du territoire")), [(f"o{r['id']}", r["name"]) for r in known]),
            (_(N_("Autre")), [(NOBODY, _(N_("Aucune organisation d’ici")))]),
        ],
    }
    if visit.ctx.can("housing.write"):
        kinds = [(f"n{i.id}", i.label) for i in code_list("prescriber_kind").items]
        found["prescriber"].insert(1, (_(N_("Ajouter au territoire, comme…")), kinds))
    return found


async def _page(visit: Visit, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        names = await unsettled(unit, _told(visit))
        said = await settled(unit)
        options = await _options(visit, unit)
    shown: dict[str, list[Name]] = {kind: [] for kind in KINDS}
    for name in names:
        shown[name.kind].append(name)
    fields = [(kind, n, name) for kind in KINDS for n, name in enumerate(shown[kind][:SHOWN])]
    token = visit.request.query_params.get("fichier", "")
    return visit.page(
        "admin/import-names.html", status=status, form=form, fields=fields, options=options,
        more=sum(max(len(rows) - SHOWN, 0) for rows in shown.values()), settled=said,
        here=visit.href("/imports/noms" + (f"?fichier={token}" if token else "")),
        back=visit.href(f"/imports/nouveau/{token}" if token else "/imports"),
    )  # fmt: skip


@get("/imports/noms", opt=MAY)
async def show(visit: Visiting) -> Response[str]:
    """The names to settle, the most frequent first, and what was said so far."""
    return await _page(visit, visit.blank())


@post("/imports/noms", opt=MAY)
async def settle(visit: Visiting) -> Response[str]:
    """Remember what was chosen; files that use these names are completed at once."""
    form = await visit.form()
    _told(visit)
    kinds = {f"n{i.id}": i.label for i in code_list("prescriber_kind").items}

    async def work(unit: Unit) -> dict[str, Any]:
        options = await _options(visit, unit)
        chosen = []
        for field in form.names():
            kind, _, number = field.partition("_")
            said = form.value(f"said_{field}")
            if kind not in KINDS or not number.isdecimal() or not form.value(field) or not said:
                continue
            allowed = {value for _, group in options[kind] for value, _ in group}
            picked = form.choice(field, allowed)
            if picked:
                chosen.append((kind, said[:200], picked))
        if not chosen:
            form.wrong("", N_("Choisissez au moins une réponse."))
        form.check()
        done = [
            Choice(
                kind,
                said,
                int(picked[1:]) if picked[0] == "s" else None,
                await _organisation(unit, said, picked, kinds),
            )
            for kind, said, picked in chosen
        ]
        return {"files": await settle_names(unit, done)}

    try:
        await visit.once(form, "import.settle_names", work)
    except Invalid as error:
        return await _page(visit, keep(visit, form, error), 422)
    token = visit.request.query_params.get("fichier", "")
    path = f"/imports/noms?fichier={token}" if token else "/imports/noms"
    return visit.to(path, N_("C’est retenu, pour ces dossiers et pour les fichiers à venir."))


async def _organisation(unit: Unit, said: str, picked: str, kinds: dict[str, str]) -> int | None:
    """The organisation that was picked; one to add is registered under the file's own name."""
    if picked == NOBODY or picked[0] == "s":
        return None
    if picked[0] == "o":
        return int(picked[1:])
    if picked not in kinds:
        raise NotFound()
    return await register_organisation(unit, name=said, kind=kinds[picked])


HANDLERS = (show, settle)
