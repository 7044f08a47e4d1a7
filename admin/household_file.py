"""One household's file: the dossier and its history; `act` does one of its small forms once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from core.accounts import circle
from core.accounts.circle import TIES
from core.accounts.mandates import SCOPES
from core.extension.permissions import TEAM
from core.households.changes import ADDRESSED, EVENT_LABELS, PROTECTIONS
from core.households.people import Member, Role, Sex, age, composition_code
from core.households.queries import file_of, household_id_of
from core.households.questions import CLASS_LABELS, QUESTIONS, asked_in
from core.households.scope import opens, readable_classes
from core.households.shelter import OUTCOMES
from core.journal.queries import timeline
from core.kernel.errors import Conflict, Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.lifecycle import REFERRAL
from core.placements.queries import referrals_of_household
from core.requests.lifecycle import STATES
from core.territories.codes import code_list
from core.web.forms import Form
from core.web.parts import read_parts
from core.web.visit import Visit, Visiting

ROLES = {
    "main": N_("Personne principale"),
    "partner": N_("Conjoint·e ou partenaire"),
    "child": N_("Enfant"),
    "other": N_("Autre membre"),
}
SEXES = {1: N_("Homme"), 2: N_("Femme"), 3: N_("Autre")}
WORKERS = {"siao": N_("Référent SIAO"), "prescriber": N_("Référent du ménage")}
STAYS = {
    "planned": N_("Prévu"),
    "present": N_("En cours"),
    "exited": N_("Terminé"),
    "cancelled": N_("Annulé"),
}
FOR = N_("%(who)s, pour %(person)s")
ROWS = 40

_WORKERS = """
SELECT a.id, a.name, max(o.name) AS organisation, bool_or(g.role = ANY($2)) AS team
FROM role_grant g JOIN account a ON a.id = g.account_id
LEFT JOIN organisation o ON o.id = g.organisation_id
WHERE (g.role = ANY($2) OR g.role = 'prescriber') AND a.disabled_at IS NULL
  AND g.starts_on <= $1 AND (g.ends_on IS NULL OR g.ends_on > $1)
GROUP BY a.id, a.name ORDER BY a.name, a.id
"""


async def workers(unit: Unit) -> list[Any]:
    """Who may be named key worker here, by name: id, name, organisation, whether of the team."""
    return await unit.fetch(_WORKERS, unit.today, sorted(TEAM))


def words(visit: Visit, unit: Unit) -> dict[str, Any]:
    """What templates of the file say things with."""
    today = unit.today
    return {
        "roles": ROLES,
        "sexes": SEXES,
        "workers_as": WORKERS,
        "stays": STAYS,
        "states": STATES,
        "situations": code_list("residential_situation").labels(),
        "exits": code_list("exit").labels(),
        "outcomes": OUTCOMES,
        "scopes": SCOPES,
        "ties": TIES,
        "circle_scopes": circle.SCOPES,
        "classes": CLASS_LABELS,
        "questions": QUESTIONS,
        "protections": PROTECTIONS,
        "addressed": ADDRESSED,
        "today": today,
        "composition_of": lambda members: composition(members, unit),
        "age": lambda birth: age(birth, today) if birth else None,
    }


def options(
    visit: Visit, members: list[Any], team: list[Any], classes: Collection[str]
) -> dict[str, Any]:
    """The choices of the file's small forms."""
    return {
        "people_options": [(m["ref"], f"{m['given_name']} {m['family_name']}") for m in members],
        "team_options": [
            (t["id"], f"{t['name']} – {t['organisation']}" if t["organisation"] else t["name"])
            for t in team
        ],
        "question_options": [
            (q.key, visit._(q.label))
            for q in asked_in(visit.ctx.place.country)
            if q.field_class in classes
        ],
        "outcome_options": [(key, visit._(label)) for key, label in OUTCOMES.items()],
        "scope_options": [(key, visit._(label)) for key, label in SCOPES.items()],
        "tie_options": [(key, visit._(label)) for key, label in TIES.items()],
        "circle_scope_options": [(key, visit._(label)) for key, label in circle.SCOPES.items()],
        "note_options": [
            (key, visit._(label))
            for key, label in CLASS_LABELS.items()
            if key != "identity" and key in classes
        ],
    }


def composition(members: list[Any], unit: Unit) -> str | None:
    """The SI-SIAO label of who lives together today."""
    people = [
        Member(m["person_id"], Role(m["role"]), m["birth"], Sex(m["sex"]) if m["sex"] else None)
        for m in members
    ]
    code = composition_code(people, unit.today)
    return code_list("composition").find(code).label if code else None


async def show_file(
    visit: Visit, ref: str, form: Form | None = None, opened: str = "", status: int = 200
) -> Response[str]:
    """The dossier; `form` with its mistakes goes back to the act named `opened`."""
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        file = await file_of(unit, household_id)
        panels = visit.ctx.hooks.gather("household_panels", ctx=visit.ctx)
        parts = await read_parts(visit.ctx, unit, panels, household_id=household_id)
        team = await workers(unit)
        referrals = await referrals_of_household(unit, household_id)
        context = words(visit, unit)
        classes = await readable_classes(unit, household_id)
        may_write = await opens(unit, household_id, "households.write")
    main = next((m for m in file.members if m["role"] == "main"), None)
    return visit.page(
        "admin/households/file.html",
        status=status,
        file=file,
        h=file.household,
        main=main or (file.members[0] if file.members else None),
        referrals=referrals,
        referral_states=REFERRAL.states,
        parts=parts,
        team=team,
        current=[k for k in file.key_workers if k["now"]],
        form=form or visit.blank(),
        opened=opened,
        # A question goes to another key worker: without one there is nobody to ask.
        askable=any(
            k["now"] and k["account_id"] != visit.ctx.who.account_id for k in file.key_workers
        ),
        mine=visit.ctx.who.account_id,
        may_write=may_write,
        readable=classes,
        tab="file",
        **options(visit, file.members, team, classes),
        **context,
    )


@get("/menages/{ref:str}", opt={"permission": "households.read"})
async def file(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """People, situations, demande, key workers, places, and what others add."""
    return await show_file(visit, ref)


@get("/menages/{ref:str}/historique", opt={"permission": "households.read"})
async def history(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Everything that happened, the newest first."""
    after = _cursor(str(visit.request.query_params.get("avant", "")))
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        file = await file_of(unit, household_id)
        kinds = visit.ctx.registry.event_kinds
        entries = await timeline(unit, kinds, household_id, after=after, limit=ROWS)
        context = words(visit, unit)
    more = len(entries) > ROWS
    entries = entries[:ROWS]
    last = entries[-1] if entries else None
    follow = f"{last.at:%Y-%m-%dT%H:%M:%S.%fZ}_{last.id}" if more and last else ""
    return visit.page(
        "admin/households/history.html",
        file=file,
        h=file.household,
        main=next((m for m in file.members if m["role"] == "main"), None),
        entries=[
            {
                "at": e.at,
                "author": visit._(FOR, who=e.author, person=e.behalf)
                if e.behalf
                else e.author or None,
                "title": e.render(visit._),
                "text": e.person or None,
                "tone": e.tone,
            }
            for e in entries
        ],
        pager={
            "shown": len(entries),
            "previous_href": None,
            "next_href": visit.href(f"/menages/{ref}/historique?avant={follow}") if more else None,
        },
        tab="history",
        events=EVENT_LABELS,
        **context,
    )


def _cursor(text: str) -> tuple[datetime, int] | None:
    """The place in a timeline that an address names; a damaged one starts from the top."""
    at, _, number = text.partition("_")
    try:
        return datetime.fromisoformat(at), int(number[:17])
    except ValueError:
        return None


Work = Callable[[Unit, Form, int], Awaitable[Any]]
Show = Callable[..., Awaitable[Response[str]]]


async def act(
    visit: Visit,
    ref: str,
    name: str,
    work: Work,
    said: str,
    show: Show = show_file,
    back: str = "",
) -> Response[str]:
    """Do one small form of the file once; refused, the page comes back with what was typed.

    Fields are named `<name>_<field>`, since several forms share the page: the mistakes that a
    service reports under `<field>` are brought back to them.
    """
    form = await visit.form()

    async def run(unit: Unit) -> Mapping[str, Any]:
        household_id = await household_id_of(unit, ref)
        form.check()
        await work(unit, form, household_id)
        return {}

    try:
        await visit.once(form, f"households.{name}", run)
    except Invalid as error:
        for field, message in error.errors.items():
            key = field if field.startswith(f"{name}_") else f"{name}_{field}"
            form.errors[key] = visit._(message)
        return await show(visit, ref, form, name, 422)
    except (Refused, Conflict) as error:
        form.errors[f"{name}_act"] = visit._(error.message) % error.params
        return await show(visit, ref, form, name, 409)
    return visit.to(f"/menages/{ref}{back}#{name}", said)


HANDLERS = (file, history)
