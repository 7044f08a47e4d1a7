"""Waiting lists: entries, their stored seniority, and each act that touched it."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    BigInt,
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
    """How a list is ordered from a day on: an ordered list of keys, signed, with its plain text."""

    kind = Text(null=False)
    version = Integer(null=False, default=1)
    keys = JSONB(null=False, default="[]")
    text = Text(null=False, default="")
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    signed_by = BigInt(null=True, default=None)
    signed_at = Timestamptz(null=True, default=None)


class WaitingEntry(Owned, Table, db=ENGINE, tablename="waiting_entry"):
    """A demande on the list of a kind.

    state: active, paused, to_refresh, lapsed, placed, withdrawn.
    """

    request_id = BigInt(null=False, default=None)
    kind = Text(null=False)
    state = Text(null=False, default="active")
    seniority_on = Date(null=False, default=None)
    priority = SmallInt(null=False, default=5)
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
    Reference("waiting_entry", "request_id", "housing_request"),
    Index(
        "waiting_entry",
        "list",
        "(territory_id, kind, priority, seniority_on, request_id) WHERE state = 'active'",
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
    Kept("waiting_entry", but=("state", "ended_at", "seniority_on")),
    Kept("waiting_state"),
    Kept("lapse_try"),
)
