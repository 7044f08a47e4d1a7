"""Waiting lists: entries, their stored seniority, and each act that touched it."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    BigInt,
    Bytea,
    Date,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from core.kernel.database import ENGINE
from core.kernel.ground import Constraint, Erasable, Index, Kept, Reference, declare
from core.kernel.tables import Owned


class RankingRule(Owned, Table, db=ENGINE, tablename="ranking_rule"):
    """How a list is ordered from a day on: an ordered list of keys, signed, with its plain text.

    `applied_at`: when the entries of the list were brought to its order; a rule orders nothing
    before. NULL on the first rule of a list, which entries follow from the start.
    """

    kind = Text(null=False)
    version = Integer(null=False, default=1)
    keys = JSONB(null=False, default="[]")
    text = Text(null=False, default="")
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    signed_by = BigInt(null=True, default=None)
    signed_at = Timestamptz(null=True, default=None)
    why = Text(null=False, default="")
    drafted_by = BigInt(null=True, default=None)
    applied_at = Timestamptz(null=True, default=None)


class RankingDraft(Owned, Table, db=ENGINE, tablename="ranking_draft"):
    """The next rule of a list, while it is written: one at a time. It ends signed or given up.

    `seed` draws between equals where it is compared, the same on both sides.
    """

    kind = Text(null=False)
    keys = JSONB(null=False, default="[]")
    text = Text(null=False, default="")
    why = Text(null=False, default="")
    seed = Bytea(null=False, default=None)
    made_by = BigInt(null=True, default=None)
    made_at = Timestamptz(null=False, default=None)
    version = BigInt(null=False, default=1)
    ended_at = Timestamptz(null=True, default=None)
    ended_by = BigInt(null=True, default=None)
    rule_id = BigInt(null=True, default=None)


class WaitingEntry(Owned, Table, db=ENGINE, tablename="waiting_entry"):
    """A demande on the list of a kind.

    state: active, paused, to_refresh, lapsed, placed, withdrawn. `priority` is its class under
    the rule in force, `order_on` the day that rule orders by (NULL: seniority); both are kept by
    `core.matching.classing`.
    """

    request_id = BigInt(null=False, default=None)
    kind = Text(null=False)
    state = Text(null=False, default="active")
    seniority_on = Date(null=False, default=None)
    priority = SmallInt(null=False, default=5)
    order_on = Date(null=True, default=None)
    entered_at = Timestamptz(null=False, default=None)
    entered_by = BigInt(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)


class WaitingState(Owned, Table, db=ENGINE, tablename="waiting_state"):
    """Each change of an entry's state."""

    entry_id = BigInt(null=False, default=None)
    verb = Text(null=False)
    state = Text(null=False)
    at = Timestamptz(null=False, default=None)
    by = BigInt(null=True, default=None)
    reason = Text(null=False, default="")


class SeniorityAct(Owned, Table, db=ENGINE, tablename="seniority_act"):
    """Seniority changed, by an act with its author, reason and the sentence to the household."""

    request_id = BigInt(null=False, default=None)
    before = Date(null=True, default=None)
    after = Date(null=False, default=None)
    reason = Text(null=False)
    sentence = Text(null=False, default="")
    at = Timestamptz(null=False, default=None)
    by = BigInt(null=True, default=None)


class LapseTry(Owned, Table, db=ENGINE, tablename="lapse_try"):
    """A traced try to reach a household before its entry lapses."""

    entry_id = BigInt(null=False, default=None)
    channel = Text(null=False)
    at = Timestamptz(null=False, default=None)
    outcome = Text(null=False, default="")
    by = BigInt(null=True, default=None)


declare(
    Index("ranking_rule", "version", "(territory_id, kind, version)", unique=True),
    Index(
        "ranking_draft",
        "one_open",
        "(territory_id, kind) WHERE ended_at IS NULL",
        unique=True,
        message="Un brouillon est déjà ouvert pour cette liste.",
    ),
    Reference("ranking_draft", "rule_id", "ranking_rule"),
    Reference("waiting_entry", "request_id", "housing_request"),
    Index(
        "waiting_entry",
        "order",
        "(territory_id, kind, priority, coalesce(order_on, seniority_on), request_id) "
        "WHERE state = 'active'",
    ),
    Index(
        "waiting_entry",
        "open",
        "(territory_id, request_id, kind) WHERE state NOT IN ('lapsed', 'placed', 'withdrawn')",
        unique=True,
        message="Cette demande est déjà sur cette liste.",
    ),
    Constraint(
        "waiting_entry",
        "state",
        "CHECK (state IN ('active', 'paused', 'to_refresh', 'lapsed', 'placed', 'withdrawn'))",
    ),
    Reference("waiting_state", "entry_id", "waiting_entry"),
    Index("waiting_state", "entry", "(territory_id, entry_id, id)"),
    Reference("seniority_act", "request_id", "housing_request"),
    Index("seniority_act", "request", "(territory_id, request_id, id)"),
    Erasable("seniority_act", (("reason", "''"), ("sentence", "''"))),
    Reference("lapse_try", "entry_id", "waiting_entry"),
    Index("lapse_try", "entry", "(territory_id, entry_id, id)"),
    Kept("ranking_rule"),
    Kept("ranking_draft", but=("ended_at", "ended_by", "rule_id"), versioned=True),
    Kept("waiting_entry", but=("state", "ended_at", "seniority_on", "priority", "order_on")),
    Kept("waiting_state"),
    Kept("lapse_try"),
)
