"""Mon parcours: what is done, where I am, what comes next and who acts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from litestar import get
from litestar.response import Response

from core.extension.contributions import NavItem
from core.kernel.words import N_
from core.requests.rules import refusal_remedies
from core.territories.queries import settings_on
from core.web.visit import Visiting
from portal.pathway import here, pathway
from portal.queries import history, last_decision, load_self
from portal.ranking import list_rules

REMEDIES = {r.code: r.resident for r in refusal_remedies(date(2026, 1, 1), court_relevant=True)}
"""What a household reads of each way to contest, by its code."""


@dataclass(frozen=True)
class Way:
    """One way to contest: what it is, until when, and whom to ask where the place said so."""

    text: str
    until: date | None
    contact: str = ""


@dataclass(frozen=True)
class Explained:
    """The last decision as the household reads it."""

    text: str
    missing: Sequence[str]
    due_on: date | None
    remedies: Sequence[Way]
    decided_on: Any
    may_ask_again: bool = False
    """A new examination can still be asked for."""


CONTACTS = {"daho": "daho_contact", "mediator": "outside_help_contact"}
"""The setting that says whom to ask, by remedy."""


def explained(row: Any, state: str, settings: Mapping[str, Any], today: date) -> Explained | None:
    """What to show of a decision: only while the request still stands where it left it."""
    shown = {
        "adjourn": ("adjourned",),
        "ask_missing": ("incomplete",),
        "refuse": ("refused",),
        "send_to_special_cases": ("special_cases",),
        "validate_and_list": ("waiting", "validated"),
        "validate_and_refer": ("referred", "waiting"),
    }
    if row is None or state not in shown.get(row["outcome"], ()):
        return None
    stored = msgspec.json.decode(row["remedies"])
    untils = {
        r["code"]: date.fromisoformat(r["until"]) if r.get("until") else None
        for r in stored
        if r.get("code") in REMEDIES
    }
    remedies = [
        Way(REMEDIES[code], until, str(settings.get(CONTACTS.get(code, ""), "")))
        for code, until in untils.items()
    ]
    last = untils.get("reexamination", date.min) or date.max
    missing = [str(item) for item in msgspec.json.decode(row["missing"])]
    said = (row["plain_text"], missing, row["due_on"], remedies, row["decided_at"])
    return Explained(*said, may_ask_again=today <= last)


@get("/parcours", opt={"permission": "resident", "helper": "read"})
async def journey(visit: Visiting) -> Response[str]:
    """The dated steps, in plain words."""
    async with visit.ctx.unit() as unit:
        mine = await load_self(unit)
        past = await history(unit, mine.household_id, mine.person_id) if mine.household_id else ()
        request_id = mine.row["request_id"]
        decision = await last_decision(unit, request_id) if request_id else None
        refused = mine.row["request_state"] == "refused"
        settings, today = await settings_on(unit, unit.today) if refused else {}, unit.today
        rules = await list_rules(visit, unit, request_id)
    visit.counts["messages"] = mine.unread
    facts = mine.facts(past)
    return visit.page(
        "portal/journey.html",
        fragment="journey",
        steps=pathway(facts),
        here=here(facts),
        mine=mine,
        rules=rules,
        decision=explained(decision, mine.row["request_state"] or "", settings, today),
    )


HANDLERS = (journey,)
NAV = (NavItem(N_("Mon parcours"), "/parcours", "resident", order=20, icon="path", helper="read"),)
