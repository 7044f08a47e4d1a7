"""The verbs of a household in a programme: enter, leave, referent, notes; and its tag."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.accounts.team import works_here
from core.kernel.edits import change_row
from core.kernel.errors import Invalid, NotFound, Refused
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.tags import tag, untag
from plugins.programmes.events import ENTERED, LEFT, NOTED, REFERENT
from plugins.programmes.rules import check_entry, check_exit
from plugins.programmes.tables import Member, Note

MAY, FOLLOW = "programmes.members", "programmes.follow"
LONGEST = 4000
"""Letters of a note."""

ENTRY, COURSE, EXIT = "entry", "course", "exit"


async def enter(
    unit: Unit, programme_id: int, household_id: int, *, on: date, referent_id: int | None,
    words: str = "",
) -> str:  # fmt: skip
    """Put a household in a programme from a day on; returns the membership's reference.

    Its demande carries the programme's tag from today. The household is told. Raises Invalid for
    a day that cannot be or a referent who has no role here; the database refuses a second entry.
    """
    unit.require(MAY)
    programme = await unit.row(
        """SELECT name, kind, starts_on, ends_on FROM plugin_programmes.programme
           WHERE id = $1 FOR SHARE""",
        programme_id,
    )
    if programme is None:
        raise NotFound()
    check_entry(on, unit.today, programme["starts_on"], programme["ends_on"])
    await _check_referent(unit, referent_id)
    member = Member(
        ref=new_ref(), programme_id=programme_id, household_id=household_id, starts_on=on,
        referent_id=referent_id, by=unit.actor.account_id, at=unit.now,
    )  # fmt: skip
    await member.save()
    await _write(unit, member.id, household_id, ENTRY, words)
    unit.record(
        ENTERED, household_id=household_id, subject=("programmes_member", member.id),
        programme=programme["name"],
    )  # fmt: skip
    await keep_tags(unit, household_id)
    return str(member.ref)


async def leave(
    unit: Unit,
    member_id: int,
    *,
    on: date,
    reason: str,
    words: str = "",
    version: int | None = None,
) -> None:
    """Take a household out, that day, for that reason. Raises Refused when it has left already."""
    unit.require(MAY)
    member = await _locked(unit, member_id)
    if member["ends_on"] is not None:
        raise Refused(N_("Ce ménage est déjà sorti de ce programme."))
    check_exit(on, unit.today, member["starts_on"], reason)
    await change_row(
        unit,
        "plugin_programmes.member",
        member_id,
        member["version"] if version is None else version,
        {
            "ends_on": on, "end_reason": reason, "ended_by": unit.actor.account_id,
            "ended_at": unit.now,
        },
        ("ends_on", "end_reason", "ended_by", "ended_at"),
    )  # fmt: skip
    await _write(unit, member_id, member["household_id"], EXIT, words)
    unit.record(
        LEFT, household_id=member["household_id"], subject=("programmes_member", member_id),
        programme=member["programme"], reason=reason,
    )  # fmt: skip
    await keep_tags(unit, member["household_id"])


async def change_referent(
    unit: Unit, member_id: int, referent_id: int | None, version: int
) -> None:
    """Name who follows the household in the programme. Conflict when somebody else just did."""
    unit.require(MAY)
    member = await _locked(unit, member_id)
    if member["ends_on"] is not None:
        raise Refused(N_("Ce ménage est déjà sorti de ce programme."))
    await _check_referent(unit, referent_id)
    changed = await change_row(
        unit, "plugin_programmes.member", member_id, version, {"referent_id": referent_id},
        ("referent_id",),
    )  # fmt: skip
    if changed:
        unit.record(
            REFERENT, household_id=member["household_id"],
            subject=("programmes_member", member_id), programme=member["programme"],
        )  # fmt: skip


async def note(unit: Unit, member_id: int, words: str) -> None:
    """Write what happens along the way. Raises Invalid for no words, or too many."""
    unit.require(FOLLOW)
    if not words.strip():
        raise Invalid({"note": N_("Écrivez la note.")})
    member = await _locked(unit, member_id)
    await _write(unit, member_id, member["household_id"], COURSE, words)
    unit.record(
        NOTED, household_id=member["household_id"], subject=("programmes_member", member_id),
        programme=member["programme"],
    )  # fmt: skip


async def keep_tags(unit: Unit, household_id: int) -> None:
    """Make the open demande of a household carry the tags of its programmes, and no other of ours.

    Asked after each entry and exit, for a demande that opens later, and when the plugin is
    switched on again: what is right already is left as it is.
    """
    request_id = await unit.value(
        """SELECT id FROM housing_request WHERE household_id = $1
           AND state NOT IN ('closed', 'cancelled', 'refused')""",
        household_id,
    )
    if request_id is None:
        return
    wanted = {
        f"programmes.{r['kind']}"
        for r in await unit.fetch(
            """SELECT DISTINCT p.kind FROM plugin_programmes.member m
               JOIN plugin_programmes.programme p ON p.id = m.programme_id
               WHERE m.household_id = $1 AND (m.ends_on IS NULL OR m.ends_on > $2)""",
            household_id,
            unit.today,
        )
    }
    held = {
        r["key"]
        for r in await unit.fetch(
            """SELECT key FROM request_tag WHERE request_id = $1 AND key LIKE 'programmes.%'
               AND (ends_on IS NULL OR ends_on > $2)""",
            request_id,
            unit.today,
        )
    }
    for key in sorted(wanted - held):
        await tag(
            unit, request_id, key, starts_on=unit.today, reason=N_("Entrée dans un programme.")
        )
    for key in sorted(held - wanted):
        await untag(unit, request_id, key, reason=N_("Sortie d’un programme."))


async def _locked(unit: Unit, member_id: int) -> Any:
    found = await unit.row(
        """SELECT m.household_id, m.starts_on, m.ends_on, m.version, p.name AS programme
           FROM plugin_programmes.member m
           JOIN plugin_programmes.programme p ON p.id = m.programme_id
           WHERE m.id = $1 FOR UPDATE OF m""",
        member_id,
    )
    if found is None:
        raise NotFound()
    return found


async def _check_referent(unit: Unit, referent_id: int | None) -> None:
    if referent_id is not None and not await works_here(unit, referent_id):
        raise Invalid({"referent": N_("Choisissez une personne de la liste.")})


async def _write(unit: Unit, member_id: int, household_id: int, about: str, words: str) -> None:
    words = words.strip()
    if len(words) > LONGEST:
        raise Invalid({"words": N_("Ce texte est trop long.")})
    if words:
        await Note(
            member_id=member_id, household_id=household_id, about=about, text=words,
            by=unit.actor.account_id, at=unit.now,
        ).save()  # fmt: skip
