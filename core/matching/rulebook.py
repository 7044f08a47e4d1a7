"""The rules of a list over time: a draft is written, signed for a day, takes force, is replaced."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import msgspec

from core.extension.context import Ctx
from core.extension.contributions import Tag
from core.kernel.edits import change_row
from core.kernel.errors import Conflict, Invalid, NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.matching.classing import rule_of
from core.matching.ranking import Rule
from core.matching.rulecheck import read_rule, write_rule
from core.matching.rulehistory import rule_in_force

TEXT_MOST = 2000
ENDED = N_("Ce brouillon est déjà signé ou abandonné.")


def tags_here(ctx: Ctx) -> dict[str, Tag]:
    """The tags that what is on here may put on a demande, in the order to offer them."""
    registry, on = ctx.registry, ctx.hooks.enabled
    found = {k: t for k, t in registry.tags.items() if registry.owners["tag", k] in on}
    return dict(sorted(found.items(), key=lambda one: (one[1].order, one[0])))


async def open_draft(unit: Unit, kind: str, *, seed: bytes | None = None) -> int:
    """Begin the next rule of a list from the one in force. An open draft is given back."""
    unit.require("rules.write")
    if not await unit.value("SELECT 1 FROM housing_kind WHERE code = $1 LIMIT 1", kind):
        raise NotFound()
    # one at a time: the second of two at once finds the draft of the first
    await unit.fetch("SELECT 1 FROM territory WHERE id = $1 FOR NO KEY UPDATE", unit.territory_id)
    known = await unit.value(
        "SELECT id FROM ranking_draft WHERE kind = $1 AND ended_at IS NULL", kind
    )
    if known is not None:
        return int(known)
    now = await rule_in_force(unit, kind)
    return int(
        await unit.value(
            "INSERT INTO ranking_draft (kind, keys, text, why, seed, made_by, made_at) "
            "VALUES ($1, $2, $3, '', $4, $5, $6) RETURNING id",
            kind,
            _stored(now.rule),
            now.text,
            seed or secrets.token_bytes(32),
            unit.actor.account_id,
            unit.now,
        )
    )


async def change_draft(
    unit: Unit,
    draft_id: int,
    keys: Any,
    *,
    text: str,
    why: str,
    version: int,
    tags: Collection[str],
) -> Rule:
    """Keep a draft's keys, text and reason. `version` is that of the form: Conflict with what
    stands when somebody else changed the same since. Raises BadRule."""
    unit.require("rules.write")
    await _open_one(unit, draft_id)
    rule = read_rule(keys, tags)
    if len(text) > TEXT_MOST:
        raise Invalid({"text": N_("Ce texte est trop long.")})
    values = {"keys": _stored(rule), "text": text.strip(), "why": why.strip()}
    stands = await unit.row("SELECT keys FROM ranking_draft WHERE id = $1", draft_id)
    if stands is not None and _stored(rule_of(stands["keys"])) == values["keys"]:
        values["keys"] = stands["keys"]
    await change_row(unit, "ranking_draft", draft_id, version, values, ("keys", "text", "why"))
    return rule


async def drop_draft(unit: Unit, draft_id: int) -> None:
    """Give a draft up; it stays readable in the history of the base."""
    unit.require("rules.write")
    await _open_one(unit, draft_id)
    await _end(unit, draft_id, None)


async def sign_draft(
    unit: Unit, draft_id: int, version: int, starts_on: date, tags: Collection[str]
) -> int:
    """Sign a draft as the next version of its list from a day on; the id of the rule.

    What was to take force later is replaced. Raises BadRule, Conflict when the draft changed
    since it was read, Invalid when the day or the words are missing.
    """
    unit.require("rules.sign")
    row = await _open_one(unit, draft_id)
    if row["version"] != version:
        raise Conflict(N_("Ce brouillon a changé depuis votre lecture. Relisez, puis signez."))
    rule = read_rule(msgspec.json.decode(row["keys"]), tags)
    wrong = {}
    if starts_on < unit.today:
        wrong["starts_on"] = N_("Une règle ne change pas le passé.")
    if not row["text"]:
        wrong["text"] = N_("Écrivez la règle pour les ménages.")
    if not row["why"]:
        wrong["why"] = N_("Dites en quelques mots pourquoi.")
    if wrong:
        raise Invalid(wrong)
    kind = row["kind"]
    await unit.fetch("SELECT 1 FROM ranking_rule WHERE kind = $1 FOR UPDATE", kind)
    await unit.fetch(
        "UPDATE ranking_rule SET ends_on = greatest(starts_on, $2) "
        "WHERE kind = $1 AND (ends_on IS NULL OR ends_on > $2)",
        kind,
        starts_on,
    )
    rule_id = await unit.value(
        "INSERT INTO ranking_rule (kind, version, keys, text, why, starts_on, drafted_by, "
        "signed_by, signed_at) SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, $6, $7, "
        "$8 FROM ranking_rule WHERE kind = $1 RETURNING id",
        kind,
        _stored(rule),
        row["text"],
        row["why"],
        starts_on,
        row["made_by"],
        unit.actor.account_id,
        unit.now,
    )
    await _end(unit, draft_id, rule_id)
    unit.record("ranking.signed", subject=("ranking_rule", rule_id), housing=kind)
    return int(rule_id)


async def _open_one(unit: Unit, draft_id: int) -> Mapping[str, Any]:
    row = await unit.row("SELECT * FROM ranking_draft WHERE id = $1 FOR UPDATE", draft_id)
    if row is None:
        raise NotFound()
    if row["ended_at"] is not None:
        raise Conflict(ENDED)
    return row


async def _end(unit: Unit, draft_id: int, rule_id: int | None) -> None:
    await unit.fetch(
        "UPDATE ranking_draft SET ended_at = $2, ended_by = $3, rule_id = $4 WHERE id = $1",
        draft_id,
        unit.now,
        unit.actor.account_id,
        rule_id,
    )


def _stored(rule: Rule) -> str:
    return msgspec.json.encode(write_rule(rule)).decode()
