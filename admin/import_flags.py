"""What an import could not decide alone: look-alikes side by side, two values of one field."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from core.extension.permissions import FIELD_CLASSES
from core.households.questions import QUESTIONS
from core.housing.kinds import shipped_kinds
from core.imports.fields import BY_NAME
from core.imports.flags import DECISIONS, choices, settle_flag
from core.imports.problems import CODES
from core.imports.queries import open_flags, read_run
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.rules import MACHINE
from core.territories.codes import code_list
from core.web.forms import whole
from core.web.visit import Visit, Visiting

MAY = {"permission": "imports.run"}
PAGE = 20
"""Points of a page: each is read, compared and decided."""
LABELS = {
    "state": N_("Statut"), "reason_code": N_("Motif de la demande"), "kinds": N_("Préconisations"),
    "situation": N_("Situation résidentielle"), "resources_cents": N_("Montant mensuel"),
    "permit": N_("Situation administrative"), "child_care": N_("Parcours ASE"),
    "prescriber_named": N_("Structure prescriptrice"), "worker_named": N_("Travailleur social"),
    "accessible_needed": N_("Logement accessible"), "resource_kind": N_("Type de ressources"),
}  # fmt: skip
_LISTS = {"reason_code": "request_reason", "situation": "residential_situation",
          "permit": "permit", "resource_kind": "resources"}  # fmt: skip
ANSWERS = {1: N_("Oui"), 2: N_("Non"), 3: N_("Ne souhaite pas répondre"), 4: N_("Ne sait pas")}
HIDDEN = N_("(non affiché)")


@get("/imports/{ref:str}/doublons", opt=MAY)
async def queue(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The points of a run that wait, in the order of the file."""
    return await _page(visit, ref)


async def _page(visit: Visit, ref: str, error: str = "", status: int = 200) -> Response[str]:
    after = visit.request.query_params.get("apres", "")
    async with visit.ctx.unit() as unit:
        run = await read_run(unit, ref)
        if run is None:
            raise NotFound()
        rows = await open_flags(unit, ref, whole(after), PAGE)
    for row in rows:
        row["title"] = visit._(CODES[row["code"]][1], line=row["details"].get("line", "?"),
                               score=row["details"].get("score", "?"))  # fmt: skip
        row["choices"] = [(key, visit._(DECISIONS[key])) for key in choices(row["code"])]
        if row["code"] == "local_newer":
            row["label"] = _label(visit, row["field"])
            # A file is imported for the whole territory: so far must the right go.
            may = FIELD_CLASSES[row["details"]["class"]]
            hidden = not visit.ctx.scope(may).everything
            for side in ("here", "file"):
                value = row["details"][side]
                row[side] = visit._(HIDDEN) if hidden else _words(visit, row, value)
    return visit.page(
        "admin/import-flags.html", fragment="results", status=status, run=run, rows=rows,
        form=visit.blank(), error=error,
        first=visit.href(f"/imports/{ref}/doublons") if after else None,
        following=visit.href(f"/imports/{ref}/doublons?apres={rows[-1]['id']}")
        if len(rows) == PAGE else None,
    )  # fmt: skip


def _label(visit: Visit, name: str) -> str:
    known = BY_NAME.get(name) or QUESTIONS.get(name)
    return visit._(LABELS.get(name) or (known.label if known else N_("Autre donnée")))


def _words(visit: Visit, row: dict[str, Any], value: Any) -> str:
    """A value in the words of the screen."""
    name = row["field"]
    if row["details"]["object"] == "answer" and isinstance(value, list):
        state, inner = value
        if inner is None or state != 1:
            return visit._(ANSWERS[state])
        value = inner
    if value is None or value == "":
        return ""
    if name == "state":
        return visit._(MACHINE.states[value].label)
    if name in _LISTS and isinstance(value, int):
        return code_list(_LISTS[name]).labels().get(value, str(value))
    if name == "kinds":
        kinds = shipped_kinds()
        return ", ".join(kinds[kind].label if kind in kinds else kind for kind in value)
    if name == "resources_cents":
        return f"{value / 100:.2f} €".replace(".", ",")
    if isinstance(value, str) and len(value) == 10 and value[4:5] == "-" == value[7:8]:
        return f"{value[8:]}/{value[5:7]}/{value[:4]}"
    return str(value)


@post("/imports/{ref:str}/doublons", opt=MAY)
async def decide(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Record one decision."""
    form = await visit.form()
    flag_id = form.integer("flag", 1, 2**62)
    decision = form.value("decision")

    async def work(unit: Unit) -> dict[str, Any]:
        if flag_id is None:
            raise NotFound()
        await settle_flag(unit, flag_id, decision)
        return {"decision": decision}

    try:
        await visit.once(form, "import.settle_flag", work)
    except (Invalid, Refused) as error:
        return await _page(visit, ref, visit._(error.message), 409)
    return visit.to(f"/imports/{ref}/doublons", N_("Votre décision est notée."))


HANDLERS = (queue, decide)
