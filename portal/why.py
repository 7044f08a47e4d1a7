"""Pourquoi j’attends, et ce qui peut aider: in plain words, with what the law asks; to print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import get
from litestar.response import Response

from core.kernel.unit import Unit
from core.kernel.words import N_, Sentence
from core.matching.explain import Explanation, WhyNot, explain, why_not
from core.matching.mentions import DEGREE, OPERATIONS, SOURCES, reference_on
from core.matching.queries import entries_of
from core.notifications.content import Block, Letter, head, points, put, text
from core.notifications.paper import pdf
from core.placements.why import Decided, decided_of
from core.requests.recommendations import kind_labels
from core.requests.rules import refusal_remedies
from core.voice import voice_of
from core.web.visit import Visit, Visiting
from portal.queries import Self, load_self
from portal.ranking import ListRule, list_rules

WAITS = ("active", "paused", "to_refresh")
WORDS = {
    "title": N_("Pourquoi j’attends, et ce qui peut aider"),
    "fits": N_("Votre demande va bien pour cette liste."),
    "places": N_("Lieux libres aujourd’hui : %(n)s. Pour vous : %(fit)s."),
    "help": N_("Ce qui peut aider"),
    "none": N_("Rien de plus à faire aujourd’hui."),
    "how": N_("Comment un lieu est choisi"),
    "data": N_("Ce que nous lisons"),
    "rule": N_("L’ordre de la liste"),
    "steps": N_("Ce que fait le calcul"),
    "law": N_("Le texte qui nous y oblige : %(law)s."),
    "wrong": N_("Une erreur ? Dites-le à l’équipe."),
    "contest": N_("Pas d’accord ?"),
}
"""What the page and its letter say."""


@dataclass(frozen=True)
class Reasons:
    """Why, as it is told: of each list what bars or is to be checked, and what would help, with
    how many open places it would bring."""

    mine: Self
    lists: tuple[tuple[str, tuple[str, ...]], ...]
    places: int
    fitting: int
    helps: tuple[tuple[str, int], ...]
    rules: tuple[ListRule, ...]
    decided: Decided | None
    law: str
    remedies: tuple[Any, ...]


async def reasons_for(visit: Visit, unit: Unit) -> Reasons:
    """All that the page and the letter are made of."""
    mine = await load_self(unit)
    request_id = int(mine.row["request_id"] or 0)
    labels = await kind_labels(unit)
    found = []
    for entry in await entries_of(unit, request_id):
        if entry["state"] in WAITS:
            one = await explain(visit.ctx, unit, request_id, kind=entry["kind"])
            found.append((visit._(labels.get(one.kind, one.kind)), _said(one)))
    everywhere = await why_not(visit.ctx, unit, request_id)
    decided = await decided_of(unit, request_id, 1)
    country = visit.ctx.place.country
    law = reference_on(country, unit.today)
    return Reasons(
        mine,
        tuple(found),
        len(everywhere.places),
        everywhere.fitting,
        _helps(everywhere),
        tuple(await list_rules(visit, unit, request_id or None)),
        decided[0] if decided else None,
        law.reference if law else "",
        refusal_remedies(decided[0].at.date(), country=country) if decided else (),
    )


def _said(one: Explanation) -> tuple[str, ...]:
    """What bars, then what a fact of the household's own keeps open. A list as such knows no
    place: what depends on the place alone is not said."""
    bars = [v.plain.msgid for v in one.bars if v.plain]
    return tuple(dict.fromkeys(bars))


def _helps(found: WhyNot) -> tuple[tuple[str, int], ...]:
    said: dict[str, int] = {}
    for place in found.places:
        bars = [v for v in place.verdicts if v.bars]
        if len(bars) == 1 and bars[0].help_plain:
            said[bars[0].help_plain.msgid] = said.get(bars[0].help_plain.msgid, 0) + 1
        for v in place.verdicts:
            # A fact that is missing is worth giving, wherever it is not the place's own.
            if v.answer is None and v.hard and v.plain and not bars:
                said.setdefault(v.plain.msgid, 0)
    return tuple(sorted(said.items(), key=lambda item: (-item[1], item[0])))


@get("/pourquoi", opt={"permission": "resident", "helper": "read"})
async def why(visit: Visiting) -> Response[str]:
    """The page."""
    async with visit.ctx.unit() as unit:
        found = await reasons_for(visit, unit)
    visit.counts["messages"] = found.mine.unread
    return visit.page(
        "portal/why.html",
        found=found,
        words=WORDS,
        degree=DEGREE,
        sources=SOURCES,
        operations=OPERATIONS,
    )


@get("/pourquoi/lettre", opt={"permission": "resident"})
async def letter(visit: Visiting) -> Response[bytes]:
    """The same as a letter, to keep or to show."""
    async with visit.ctx.unit() as unit:
        found = await reasons_for(visit, unit)
        on = unit.today
    row = found.mine.row
    content = put(
        _letter(found), voice_of(visit.ctx), language=visit.ctx.lang,
        given=row["given_name"], family=row["family_name"], address="", on=on,
    )  # fmt: skip
    made = await pdf([content], visit._(N_("Lettre")), cover=False)
    return Response(
        made,
        status_code=200,
        media_type="application/pdf",
        headers={
            "Content-Disposition": 'inline; filename="lettre.pdf"',
            "Cache-Control": "no-store",
        },
    )


def _letter(found: Reasons) -> Letter:
    blocks: list[Block] = []
    for label, said in found.lists:
        blocks += [Block("head", (label,)), points([Sentence(s) for s in said or (WORDS["fits"],)])]
    blocks += [
        text(WORDS["places"], n=found.places, fit=found.fitting),
        head(WORDS["help"]),
        points([Sentence(msgid) for msgid, _ in found.helps] or [Sentence(WORDS["none"])]),
        head(WORDS["how"]),
        points([Sentence(s) for s in DEGREE]),
        head(WORDS["data"]),
        points([Sentence(s) for s in SOURCES]),
        head(WORDS["rule"]),
        *(Block("words", ("\n".join(rule.lines),)) for rule in found.rules),
        head(WORDS["steps"]),
        points([Sentence(s) for s in OPERATIONS]),
    ]
    if found.law:
        blocks.append(text(WORDS["law"], law=found.law))
    return Letter(Sentence(WORDS["title"]), (*blocks, text(WORDS["wrong"])))


HANDLERS = (why, letter)
