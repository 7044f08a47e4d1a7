"""Ma situation: where I am, what I can do now, who helps me."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from litestar import get
from litestar.response import Response

from core.extension.contributions import NavItem
from core.kernel.words import N_
from core.web.visit import Visiting
from portal.pathway import Here, here
from portal.queries import Self, load_self_with


@dataclass(frozen=True)
class Doable:
    """Something the person can do now. Texts are msgids; `until` is the last instant for it."""

    label: str
    path: str
    icon: str
    hint: str = ""
    until: datetime | None = None
    scope: str = "write"
    """What an authorisation must allow for somebody else to be led there."""


MOST = 3
"""More than three things to do is nothing to do."""


def doables(mine: Self, at: Here) -> list[Doable]:
    """What can be done now, the most pressing first."""
    found: list[Doable] = []
    row = mine.row
    if row["referral_state"] == "proposed":
        found.append(
            Doable(
                N_("Lire la proposition et répondre"),
                f"/proposition/{row['referral_ref']}",
                "door",
                until=row["answer_by"],
                scope="read",
            )
        )
    elif row["referral_state"] is not None:
        found.append(
            Doable(
                N_("Revoir la proposition"),
                f"/proposition/{row['referral_ref']}",
                "door",
                scope="read",
            )
        )
    if mine.unread:
        found.append(Doable(N_("Lire une réponse"), "/messages", "message"))
    if at.state in ("incomplete", "adjourned"):
        found.append(Doable(N_("Voir ce qui manque"), "/parcours", "document", scope="read"))
    elif at.state == "refused":
        found.append(Doable(N_("Comprendre la décision"), "/parcours", "scale", scope="read"))
    elif at.state == "to_refresh":
        found.append(Doable(N_("Dire ce qui a changé"), "/messages/ecrire", "edit"))
    if not found:
        found.append(
            Doable(
                N_("Écrire à l’équipe"),
                "/messages/ecrire",
                "message",
                N_("Une question, une idée, un problème."),
            )
        )
    if not mine.row["codes_left"]:
        found.append(
            Doable(
                N_("Prendre dix codes pour revenir"),
                "/revenir",
                "key",
                N_("Sans code, vous ne pourrez pas revenir."),
                scope="own",
            )
        )
    return found[:MOST]


@get("/", opt={"permission": "resident", "helper": "read"})
async def home(visit: Visiting) -> Response[str]:
    """Where I am in one sentence. Two statements whatever the file holds and whatever is switched
    on, session included."""
    async with visit.ctx.unit() as unit:
        parts = visit.ctx.hooks.gather("resident_cards", ctx=visit.ctx)
        mine, cards = await load_self_with(visit.ctx, unit, parts)
    visit.counts["messages"] = mine.unread
    at = here(mine.facts())
    return visit.page(
        "portal/home.html",
        fragment="situation",
        mine=mine,
        here=at,
        doables=[do for do in doables(mine, at) if visit.may(do.scope)],
        cards=cards,
    )


HANDLERS = (home,)
NAV = (NavItem(N_("Ma situation"), "/", "resident", order=10, icon="home", helper="read"),)
