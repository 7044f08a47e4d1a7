"""What each entry stores for its list's rule: its class, and the day the rule orders by.

A change of one demande touches that demande's entries only, in the same transaction. A rule that
takes force, and what the calendar alone moves (a tag that begins or ends, a birthday), is brought
to a whole list by a job, in batches, on the day; a rule orders nothing before its entries follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import structlog

from core.kernel.unit import Unit
from core.matching.ranking import FIRST_RULE, Rule, class_sql, date_sql
from core.matching.rulecheck import BadRule, read_rule

log = structlog.get_logger()

BATCH = 5000
"""Entries moved in one transaction."""

GOVERNING = """(r.applied_at IS NOT NULL OR r.version = 1)"""
"""Of a `ranking_rule` r: the entries of its list follow it, or followed it once."""

_NOT_OVER = "e.state NOT IN ('lapsed', 'placed', 'withdrawn')"

_OF_REQUEST = f"""
SELECT e.kind, e.priority, e.order_on, k.keys FROM waiting_entry e
LEFT JOIN LATERAL (SELECT r.keys FROM ranking_rule r WHERE r.kind = e.kind AND r.starts_on <= $2
  AND {GOVERNING} ORDER BY r.starts_on DESC, r.version DESC LIMIT 1) k ON true
WHERE e.request_id = $1 AND {_NOT_OVER}
"""  # noqa: S608

_LATEST = f"""
SELECT DISTINCT ON (r.kind) r.id, r.kind, r.version, r.keys, r.applied_at IS NULL AND r.version > 1
  AS due
FROM ranking_rule r
WHERE r.starts_on <= $1 AND ({GOVERNING} OR r.ends_on IS NULL OR r.ends_on > r.starts_on)
ORDER BY r.kind, r.starts_on DESC, r.version DESC
"""  # noqa: S608


def rule_of(stored: str | None) -> Rule:
    """The rule of a stored row's keys; the first rule where there is none. Raises BadRule."""
    return read_rule(msgspec.json.decode(stored)) if stored else FIRST_RULE


async def class_entries(unit: Unit, request_id: int) -> None:
    """Bring the open entries of a demande to their lists' rules. One statement where nothing can
    change; a rule that cannot be read leaves its entries as they are."""
    for row in await unit.fetch(_OF_REQUEST, request_id, unit.today):
        try:
            rule = rule_of(row["keys"])
        except BadRule as bad:
            log.error("ranking rule cannot be read", list=row["kind"], why=bad.message)
            continue
        plain = rule.dated == "seniority" and not rule.classes
        if plain and row["priority"] == rule.default_class and row["order_on"] is None:
            continue
        await _move(unit, rule, [row["kind"]], request_id)


async def apply_rules(unit: Unit) -> dict[str, int]:
    """Bring every list to the rule of today: `moved` entries in this batch, `rules` that took
    force with it, `unread` ones left aside. Asked again while `moved` is a full batch.

    A rule is marked applied with the last of its entries, and counts from then on.
    """
    done = {"moved": 0, "rules": 0, "unread": 0}
    alike: dict[Rule, list[Mapping[str, Any]]] = {}
    for row in await unit.fetch(_LATEST, unit.today):
        try:
            alike.setdefault(rule_of(row["keys"]), []).append(row)
        except BadRule as bad:
            log.error("ranking rule cannot be read", list=row["kind"], why=bad.message)
            done["unread"] += 1
    for rule, rows in alike.items():
        left = BATCH - done["moved"]
        moved = await _move(unit, rule, [row["kind"] for row in rows], limit=left)
        done["moved"] += moved
        if moved >= left:
            break
        for row in rows:
            if row["due"]:
                await _mark(unit, row)
                done["rules"] += 1
    return done


async def _mark(unit: Unit, row: Mapping[str, Any]) -> None:
    await unit.fetch("UPDATE ranking_rule SET applied_at = $2 WHERE id = $1", row["id"], unit.now)
    unit.record(
        "ranking.applied",
        subject=("ranking_rule", row["id"]),
        housing=row["kind"],
        version=row["version"],
    )


async def _move(
    unit: Unit, rule: Rule, kinds: list[str], request_id: int | None = None, limit: int = BATCH
) -> int:
    """Write class and day where they differ, on these lists or for one demande; how many rows."""
    bound: list[Any] = []

    def bind(cast: str, value: Any) -> str:
        bound.append(value)
        return f"${len(bound)}::{cast}"

    day = "NULL::date" if rule.dated == "seniority" else date_sql(rule, bind, unit.zone)
    where = f"e.kind = ANY({bind('text[]', kinds)})"
    if request_id is not None:
        where += f" AND e.request_id = {bind('bigint', request_id)}"
    rows = await unit.fetch(
        f"""
WITH wanted AS (
  SELECT e.id, {class_sql(rule, bind, unit.today)} AS class, {day} AS day, e.priority, e.order_on
  FROM waiting_entry e
  LEFT JOIN request_facts r ON r.territory_id = e.territory_id AND r.request_id = e.request_id
  WHERE {where} AND {_NOT_OVER}
), moved AS (
  SELECT id, class, day FROM wanted WHERE priority <> class OR order_on IS DISTINCT FROM day
  ORDER BY id LIMIT {int(limit)}
)
UPDATE waiting_entry w SET priority = m.class, order_on = m.day FROM moved m WHERE w.id = m.id
RETURNING w.id""",  # noqa: S608
        *bound,
    )
    return len(rows)
