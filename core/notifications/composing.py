"""Who writes which letter: a noun says what its own events put on paper; others say only "news"."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from core.kernel.events import Event
from core.kernel.unit import Unit
from core.kernel.words import N_, Sentence
from core.notifications.content import Block, Letter, Voice, head, points, text
from core.notifications.rules import NOTICE

Composer = Callable[[Unit, Event], Awaitable[Letter | None]]
"""What a letter about an event says; None when there is nothing any more to say on paper."""

_composers: dict[str, Composer] = {}


def write_letters(composer: Composer, *event_kinds: str) -> None:
    """Have `composer` write the letters about these events."""
    _composers.update(dict.fromkeys(event_kinds, composer))


def on_paper() -> frozenset[str]:
    """The events that have a letter of their own."""
    return frozenset(_composers)


async def compose(unit: Unit, event: Event) -> Letter | None:
    """The letter about an event, if it has one of its own."""
    composer = _composers.get(event.kind)
    return await composer(unit, event) if composer else None


def news(voice: Voice, lang: str) -> Letter:
    """The letter that says that there is news, and where: for whom nothing else reaches."""
    return Letter(
        Sentence(NOTICE["subject"]),
        (
            text(NOTICE["news"]),
            text(NOTICE["where"]),
            Block("words", (voice.portal(lang),)),
            text(NOTICE["card"]),
            text(NOTICE["no_card"]),
            text(NOTICE["stop"]),
        ),
    )


# -- the key worker ------------------------------------------------------------------------------

WORKER = {
    "title": N_("Une personne suit votre dossier."),
    "who": N_("Voici comment la joindre"),
    "name": N_("Nom"),
    "organisation": N_("Équipe"),
    "phone": N_("Téléphone"),
    "what": N_("Elle vous aide dans votre demande de logement."),
    "change": N_("Cette personne ne vous convient pas ? Dites-le à l’équipe."),
}
"""What the letter about a key worker says."""

_WORKERS = """
SELECT a.name, coalesce(nullif(a.phone, ''), t.phone, '') AS phone, o.name AS organisation
FROM key_worker k JOIN account a ON a.id = k.account_id
LEFT JOIN organisation o ON o.id = k.organisation_id
LEFT JOIN territory_organisation t ON t.territory_id = k.territory_id
  AND t.organisation_id = k.organisation_id
WHERE k.household_id = $1 AND k.starts_on <= $2 AND (k.ends_on IS NULL OR k.ends_on > $2)
ORDER BY k.role, k.id
"""


async def helpers_of(unit: Unit, household_id: int | None) -> list[Any]:
    """Who follows the household today: name, organisation, a number to call."""
    return await unit.fetch(_WORKERS, household_id, unit.today)


async def _key_worker(unit: Unit, event: Event) -> Letter | None:
    workers = await helpers_of(unit, event.household_id)
    if not workers:
        return None
    blocks: list[Block] = [text(WORKER["what"]), head(WORKER["who"])]
    for one in workers:
        rows: list[tuple[Sentence, str]] = [(Sentence(WORKER["name"]), one["name"])]
        if one["organisation"]:
            rows.append((Sentence(WORKER["organisation"]), one["organisation"]))
        if one["phone"]:
            rows.append((Sentence(WORKER["phone"]), one["phone"]))
        blocks.append(Block("facts", rows=tuple(rows)))
    blocks.append(points([Sentence(WORKER["change"])]))
    return Letter(Sentence(WORKER["title"]), tuple(blocks))


write_letters(_key_worker, "key_worker.assigned", "key_worker.changed")
