"""The post: letters to print, printed in batches, posted or handed over, come back."""
# ruff: noqa: S608 - statements are made of constants

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from core.households.scope import visible
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.events import Event
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.notifications.composing import compose, news, on_paper
from core.notifications.content import Voice, put
from core.notifications.notices import reach_otherwise
from core.notifications.outbox import REF, files
from core.notifications.rules import RETURNS
from core.territories.settings import read_settings

STATES = {
    "to_print": N_("À imprimer"),
    "printed": N_("Imprimés, à poster"),
    "posted": N_("Postés"),
    "returned": N_("Revenus"),
}
"""Where a letter stands, in the order of its life."""

STANDS = {
    "to_print": N_("À imprimer"),
    "printed": N_("Imprimé, à poster"),
    "posted": N_("Posté"),
    "handed": N_("Remis"),
    "returned": N_("Revenu"),
    "stopped": N_("Arrêté"),
}
"""Where one letter stands."""

_STATE = """CASE WHEN o.state = 'sent' THEN 'posted' WHEN o.state = 'told' THEN 'handed'
  WHEN o.state = 'failed' THEN 'returned' WHEN o.state = 'stopped' THEN 'stopped'
  WHEN o.printed_at IS NULL THEN 'to_print' ELSE 'printed' END"""

_LETTERS = f"""
SELECT o.id, {REF} AS ref, o.person_id, o.household_id, o.event_id, o.channel, o.template,
       o.content, o.state AS stored, o.created_at, o.printed_at, o.sent_at, o.batch, o.error,
       o.content->'to'->>'address' AS address, {_STATE} AS state, p.given_name, p.family_name,
       p.language, h.ref AS household_ref, e.kind AS event_kind, a.name AS author
FROM outgoing_message o
JOIN person p ON p.territory_id = o.territory_id AND p.id = o.person_id
JOIN household h ON h.territory_id = o.territory_id AND h.id = o.household_id
LEFT JOIN event e ON e.territory_id = o.territory_id AND e.id = o.event_id
LEFT JOIN account a ON a.id = o.settled_by
WHERE o.channel = 'letter' AND ({visible("o.household_id", "$1", "$2")})
"""

_PAGE = f"""
{_LETTERS} AND {_STATE} = $3
  AND ($4::text IS NULL OR (o.created_at, o.id) > (
    SELECT l.created_at, l.id FROM outgoing_message l WHERE l.ref = $4))
ORDER BY o.created_at, o.id LIMIT $5
"""
_LATEST = f"""
{_LETTERS} AND {_STATE} = $3
  AND ($4::text IS NULL OR (o.sent_at, o.id) < (
    SELECT l.sent_at, l.id FROM outgoing_message l WHERE l.ref = $4))
ORDER BY o.sent_at DESC NULLS LAST, o.id DESC LIMIT $5
"""
_THESE = f"{_LETTERS} AND {REF} = ANY($3::text[]) ORDER BY o.created_at, o.id FOR UPDATE OF o"
_ONE = f"{_LETTERS} AND {REF} = $3 ORDER BY o.id DESC LIMIT 1"
_BATCH = f"{_LETTERS} AND o.batch = $3 ORDER BY o.created_at, o.id"
_COUNTS = f"""
SELECT {_STATE} AS state, count(*) AS n FROM outgoing_message o
WHERE o.channel = 'letter' AND ({visible("o.household_id", "$1", "$2")}) GROUP BY 1
"""

MOST = 200
"""Letters of one batch: what one act prints and a printer holds."""


@dataclass(frozen=True)
class Result:
    """What an act on several letters did to one of them; `why` it did nothing, or ''."""

    ref: str
    name: str
    why: str = ""


async def letters(
    unit: Unit, state: str, *, after: str | None = None, limit: int = 50
) -> list[Any]:
    """The letters that stand there: those that wait oldest first, those that left latest first."""
    sql = _PAGE if state in ("to_print", "printed") else _LATEST
    return await unit.fetch(sql, files(unit), unit.today, state, after, limit)


async def count_letters(unit: Unit) -> dict[str, int]:
    """How many letters stand where."""
    rows = await unit.fetch(_COUNTS, files(unit), unit.today)
    return {r["state"]: r["n"] for r in rows}


async def letter(unit: Unit, ref: str) -> Any:
    """One letter of the actor's households; NotFound otherwise."""
    row = await unit.row(_ONE, files(unit), unit.today, ref)
    if row is None:
        raise NotFound()
    return row


async def batch_of(unit: Unit, batch: str) -> list[Any]:
    """The letters printed together that the actor may see; NotFound when there is none."""
    rows = await unit.fetch(_BATCH, files(unit), unit.today, batch)
    if not rows:
        raise NotFound()
    return list(rows)


def content_of(row: Any) -> dict[str, Any]:
    """A letter's kept words."""
    kept: dict[str, Any] = msgspec.json.decode(row["content"])
    return kept


def contents(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """The kept words of several letters."""
    return [content_of(row) for row in rows if row["content"] is not None]


ALREADY = {
    "printed": N_("Déjà imprimé."),
    "posted": N_("Déjà posté."),
    "handed": N_("Déjà remis."),
    "stopped": N_("Arrêté : plus rien ne part vers cette personne."),
    "returned": N_("Revenu."),
    "to_print": N_("Pas encore imprimé."),
    "overtaken": N_("Dépassé : ce que dit ce courrier n’est plus vrai. Il n’est pas imprimé."),
}
"""Why a letter is not where an act needs it."""


async def _these(unit: Unit, refs: Sequence[str]) -> list[Any]:
    unit.require("messages.answer")
    wanted = list(dict.fromkeys(refs))
    if not wanted:
        raise Invalid({"letters": N_("Choisissez au moins un courrier.")})
    if len(wanted) > MOST:
        raise Invalid({"letters": N_("Choisissez 200 courriers au plus.")})
    rows = await unit.fetch(_THESE, files(unit), unit.today, wanted)
    if len({r["ref"] for r in rows}) < len(wanted):
        raise NotFound()
    return list(rows)


def _result(row: Any, fitting: tuple[str, ...]) -> Result:
    name = f"{row['given_name']} {row['family_name']}"
    return Result(row["ref"], name, "" if row["state"] in fitting else ALREADY[row["state"]])


async def print_letters(unit: Unit, refs: Sequence[str], voice: Voice) -> tuple[str, list[Result]]:
    """Gather letters in a batch to be printed; its reference, and what became of each.

    One that was written before words were kept is given them here.
    """
    rows = await _these(unit, refs)
    batch, results = new_ref(), [_result(row, ("to_print", "printed")) for row in rows]
    sender = (await read_settings(unit)).letter_sender
    for n, (row, result) in enumerate(zip(rows, results, strict=True)):
        if result.why:
            continue
        if await _overtaken(unit, row):
            results[n] = replace(result, why=ALREADY["overtaken"])
            await unit.fetch(
                "UPDATE outgoing_message SET state = 'stopped', error = 'overtaken' WHERE id = $1",
                row["id"],
            )
            continue
        content = row["content"]
        if content is None:
            kept = put(
                news(voice, voice.speaks(row["language"])), voice, language=row["language"],
                given=row["given_name"], family=row["family_name"], address="", on=unit.today,
                sender=sender,
            )  # fmt: skip
            content = msgspec.json.encode(kept).decode()
        await unit.fetch(
            "UPDATE outgoing_message SET printed_at = $2, batch = $3, content = $4 WHERE id = $1",
            row["id"],
            unit.now,
            batch,
            content,
        )
    if all(r.why and r.why != ALREADY["overtaken"] for r in results):
        raise Refused(N_("Aucun de ces courriers n’est à imprimer."))
    return batch, results


async def _overtaken(unit: Unit, row: Any) -> bool:
    """Whether what a letter says has ended since it was written: a proposal answered meanwhile."""
    if row["template"] not in on_paper() or row["event_id"] is None:
        return False
    found = await unit.row(
        "SELECT id, kind, occurred_at, household_id, person_id, subject_kind, subject_id, payload "
        "FROM event WHERE id = $1",
        row["event_id"],
    )
    if found is None:
        return False
    told = Event(**{**dict(found), "payload": msgspec.json.decode(found["payload"])})
    return await compose(unit, told) is None


def _instant(unit: Unit, on: date) -> datetime:
    if on == unit.today:
        return unit.now
    return datetime.combine(on, time(12), ZoneInfo(unit.zone))


async def post_letters(
    unit: Unit, refs: Sequence[str], on: date, *, by_hand: bool = False
) -> list[Result]:
    """Note that letters left on a day: put in the post, or given to the person (`by_hand`)."""
    if on > unit.today:
        raise Invalid({"on": N_("Cette date est dans l’avenir.")})
    rows = await _these(unit, refs)
    if any(on < row["created_at"].astimezone(ZoneInfo(unit.zone)).date() for row in rows):
        raise Invalid({"on": N_("Un de ces courriers est plus récent que cette date.")})
    results = []
    for row in rows:
        result = _result(row, ("printed",) if not by_hand else ("to_print", "printed"))
        results.append(result)
        if result.why:
            continue
        await unit.fetch(
            "UPDATE outgoing_message SET state = $2, sent_at = $3, settled_by = $4, error = '' "
            "WHERE id = $1",
            row["id"],
            "told" if by_hand else "sent",
            _instant(unit, on),
            unit.actor.account_id,
        )
        _record(unit, row, "letter.handed" if by_hand else "letter.posted", on=on.isoformat())
    if all(r.why for r in results):
        raise Refused(N_("Aucun de ces courriers n’est à poster."))
    return results


async def note_return(unit: Unit, ref: str, why: str, voice: Voice) -> str | None:
    """A posted letter came back: the address is not used again for this person, and what it said
    leaves otherwise. Returns by what (None: it is on its way already)."""
    if why not in RETURNS:
        raise Invalid({"why": N_("Choisissez une réponse de la liste.")})
    (row,) = await _these(unit, [ref])
    if row["state"] != "posted":
        raise Refused(N_("Ce courrier n’est pas noté comme posté."))
    await unit.fetch(
        "UPDATE outgoing_message SET state = 'failed', error = $2, settled_by = $3 WHERE id = $1",
        row["id"],
        f"returned_{why}",
        unit.actor.account_id,
    )
    _record(unit, row, "letter.returned", why=why)
    return await reach_otherwise(unit, row, voice)


_BACK = {
    "printed": "printed_at = NULL, batch = NULL",
    "posted": "state = 'waiting', sent_at = NULL, settled_by = NULL",
    "handed": "state = 'waiting', sent_at = NULL, settled_by = NULL",
    "returned": "state = 'sent', error = ''",
}
"""One step back, by where the letter stands."""


async def undo_letters(unit: Unit, refs: Sequence[str]) -> list[Result]:
    """One step back for each: what was noted by mistake is as if it had not been, and the
    household's history keeps both."""
    results = []
    for row in await _these(unit, refs):
        result = _result(row, tuple(_BACK))
        results.append(result)
        if result.why:
            continue
        await unit.fetch(
            f"UPDATE outgoing_message SET {_BACK[row['state']]} WHERE id = $1",
            row["id"],
        )
        if row["state"] != "printed":
            _record(unit, row, "letter.undone", former=row["state"])
    if all(r.why for r in results):
        raise Refused(N_("Il n’y a rien à annuler."))
    return results


def _record(unit: Unit, row: Any, kind: str, **payload: Any) -> None:
    unit.record(
        kind,
        household_id=row["household_id"],
        person_id=row["person_id"],
        subject=("message", row["id"]),
        **payload,
    )
