"""Letters about a demande: a refusal with its remedies and their dates, a seniority that moved."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from core.kernel.events import Event
from core.kernel.unit import Unit
from core.kernel.words import N_, Sentence
from core.notifications.composing import write_letters
from core.notifications.content import Block, Letter, Value, head, points, text
from core.requests.decisions import PLAIN
from core.requests.rules import refusal_remedies
from core.requests.seniority import SENTENCES

REFUSED = {
    "title": N_("Votre demande n’est pas acceptée"),
    "why": N_("Ce que dit l’équipe"),
    "decided": N_("Décision du %(day)s."),
    "remedies": N_("Ce que vous pouvez faire"),
    "until": N_("%(remedy)s Avant le %(day)s."),
    "help": N_("L’équipe peut vous aider à écrire. C’est gratuit."),
    "keep": N_("Gardez cette lettre."),
}
SENIORITY = {
    "title": N_("Votre date d’inscription a changé"),
    "before": N_("Avant"),
    "after": N_("Maintenant"),
    "none": N_("Pas encore de date"),
    "what": N_("Cette date dit depuis quand vous attendez."),
    "disagree": N_("Vous n’êtes pas d’accord ? Dites-le à l’équipe."),
}
"""What these letters say."""


async def _refusal(unit: Unit, event: Event) -> Letter | None:
    row = await unit.row(
        "SELECT plain_text, remedies, decided_at FROM decision "
        "WHERE request_id = $1 AND outcome = 'refuse' ORDER BY id DESC LIMIT 1",
        event.subject_id,
    )
    if row is None:
        return None
    said = row["plain_text"]
    # The usual words are ours, so that they can be read in the person's language.
    why = text(said) if said in PLAIN.values() else Block("words", (said,))
    known = {r.code: r.resident for r in refusal_remedies(unit.today, court_relevant=True)}
    remedies: list[Value] = []
    for one in msgspec.json.decode(row["remedies"]):
        if one["code"] not in known:
            continue
        remedy = Sentence(known[one["code"]])
        if one.get("until"):
            params = {"remedy": remedy, "day": date.fromisoformat(one["until"])}
            remedies.append(Sentence(REFUSED["until"], params))
        else:
            remedies.append(remedy)
    blocks = [
        text(REFUSED["decided"], day=row["decided_at"].astimezone(ZoneInfo(unit.zone)).date()),
        head(REFUSED["why"]),
        why,
        head(REFUSED["remedies"]),
        points(remedies),
        text(REFUSED["help"]),
        text(REFUSED["keep"]),
    ]
    return Letter(Sentence(REFUSED["title"]), tuple(blocks))


async def _seniority(unit: Unit, event: Event) -> Letter | None:
    kind = event.kind.removeprefix("seniority.")
    before, after = event.payload.get("before"), event.payload.get("after")
    if kind not in SENTENCES or not after:
        return None
    was: Value = date.fromisoformat(before) if before else Sentence(SENIORITY["none"])
    rows = (
        (Sentence(SENIORITY["before"]), was),
        (Sentence(SENIORITY["after"]), date.fromisoformat(after)),
    )
    return Letter(
        Sentence(SENIORITY["title"]),
        (
            text(SENTENCES[kind]),
            Block("facts", rows=rows),
            text(SENIORITY["what"]),
            points([Sentence(SENIORITY["disagree"])]),
        ),
    )


write_letters(_refusal, "request.refused")
write_letters(_seniority, *(f"seniority.{kind}" for kind in SENTENCES))
