"""Messages: write to the team or say how a step was, and read the answers and the news."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import get, post
from litestar.response import Response

from core.extension.contributions import NavItem
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.notifications.queries import own_exchanges, own_news
from core.notifications.service import LONGEST, MOODS, mark_read, write
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep
from portal.queries import Self, load_self

TOPICS = {
    "request": N_("Ma demande"),
    "referral": N_("La proposition d’un lieu"),
}
"""What one may write about, by the kind of object it is."""

LABELS = {
    "message": N_("Message"),
    "feedback": N_("Avis"),
    "correction": N_("Demande de correction"),
}

BEGUN = {"examen": N_("Je demande un nouvel examen de ma demande. Voici pourquoi :")}
"""Messages that begin with a sentence, by what a link asks for."""

NOBODY = N_("Vous n’avez pas de demande en cours. Appelez l’équipe.")


def topics(visit: Visit, mine: Self) -> list[tuple[str, str]]:
    """What this person can write about now: (kind, words)."""
    there = {
        "request": mine.row["request_id"],
        "referral": mine.row["referral_id"],
    }
    return [(kind, visit._(TOPICS[kind])) for kind, found in there.items() if found]


def about(mine: Self, topic: str) -> tuple[str, int] | None:
    """The object that a chosen topic names, if it is this household's."""
    found = {"request": mine.row["request_id"], "referral": mine.row["referral_id"]}.get(topic)
    return (topic, int(found)) if found else None


@get("/messages", opt={"permission": "resident", "helper": "write"})
async def messages(visit: Visiting) -> Response[str]:
    """What was written and answered, and what has changed."""
    async with visit.ctx.unit() as unit:
        mine = await load_self(unit)
        # Who helps a person reads what they wrote together, and nothing that was told to her.
        helped = unit.actor.mandate_id
        written = await own_exchanges(unit, mine.person_id, mandate_id=helped)
        news = [] if helped else await own_news(unit, mine.person_id)
    visit.counts["messages"] = mine.unread
    return visit.page(
        "portal/messages.html",
        fragment="messages",
        exchanges=written,
        news=told(visit, news),
        unread=mine.unread or any(n["read_at"] is None for n in news),
        form=visit.blank(),
        moods=MOODS,
        labels=LABELS,
        topics=TOPICS,
    )


def told(visit: Visit, news: list[Any]) -> list[dict[str, Any]]:
    """The news as sentences: those whose kind no longer exists are left out.

    One act may be told of two objects ("you are offered a place"): what was said the same instant
    in other or the same words is said once.
    """
    found: list[dict[str, Any]] = []
    for row in news:
        kind = visit.ctx.registry.event_kinds.get(row["template"])
        if kind is None or kind.resident is None:
            continue
        params = msgspec.json.decode(row["params"])
        try:
            text = visit._(kind.resident, **params)
        except (KeyError, TypeError, ValueError):
            continue
        if any(f["at"] == row["at"] and (text in f["text"] or f["text"] in text) for f in found):
            continue
        found.append(
            {"text": text, "at": row["at"], "unread": row["read_at"] is None, "by": row["by"]}
        )
    return found


@post("/messages", opt={"permission": "resident"})
async def read_all(visit: Visiting) -> Response[str]:
    """All is read."""
    form = await visit.form()

    async def work(unit: Unit) -> bool:
        await mark_read(unit, (await load_self(unit)).person_id)
        return True

    await visit.once(form, "message.mark_read", work)
    return visit.to("/messages")


@get("/messages/ecrire", opt={"permission": "resident", "helper": "write"})
async def compose(visit: Visiting) -> Response[str]:
    """A message or a word on a step."""
    async with visit.ctx.unit() as unit:
        mine = await load_self(unit)
    wanted = visit.request.query_params.get("sujet", "")
    begun = BEGUN.get(visit.request.query_params.get("demande", ""))
    return _compose(visit, mine, visit.blank(topic=wanted, text=visit._(begun) if begun else ""))


def _compose(visit: Visit, mine: Self, form: Form, status: int = 200) -> Response[str]:
    visit.counts["messages"] = mine.unread
    return visit.page(
        "portal/compose.html",
        status=status,
        form=form,
        topics=topics(visit, mine),
        moods=[(value, visit._(label)) for value, label in MOODS.items()]
        if visit.ctx.who.kind == "resident"
        else [],
        longest=LONGEST,
    )


@post("/messages/ecrire", opt={"permission": "resident", "helper": "write"})
async def send(visit: Visiting) -> Response[str]:
    """Send it, once. With a mood it is a word on how things went."""
    form = await visit.form()
    mood = form.integer("mood", 1, 5)
    kind = "message" if mood is None else "feedback"

    async def work(unit: Unit) -> int:
        mine = await load_self(unit)
        if mine.household_id is None:
            raise Invalid({"text": NOBODY})
        subject = about(mine, form.value("topic"))
        text = form.value("text")
        return await write(unit, mine.household_id, mine.person_id, kind, text, subject, mood)

    try:
        form.check()
        await visit.once(form, "message.write", work)
    except Invalid as error:
        async with visit.ctx.unit() as unit:
            mine = await load_self(unit)
        return _compose(visit, mine, keep(visit, form, error), status=422)
    except Refused as error:
        async with visit.ctx.unit() as unit:
            mine = await load_self(unit)
        wrong = keep(visit, form, Invalid({"text": error.message}))
        return _compose(visit, mine, wrong, status=409)
    except NotFound:
        return visit.to("/", said=NOBODY, tone="warn")
    return visit.to("/messages", said=N_("Votre message est envoyé."))


HANDLERS = (messages, read_all, compose, send)
NAV = (
    NavItem(
        N_("Messages"),
        "/messages",
        "resident",
        order=30,
        icon="message",
        count="messages",
        helper="write",
    ),
)
