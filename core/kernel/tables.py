"""The kernel's own tables: what happened, who must be told, what was asked once."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    BigSerial,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from core.kernel.database import ENGINE
from core.kernel.ground import Constraint, Index, Reference, Rewritten, declare
from core.kernel.unit import current_territory


class Owned:
    """A row of one territory; the Unit's, unless told otherwise."""

    id = BigSerial(primary_key=True)
    territory_id = Integer(null=False, default=current_territory)


class Event(Owned, Table, db=ENGINE, tablename="event"):
    """A fact. Insert only. The payload holds ids, codes and dates, never a person's words."""

    kind = Text(null=False)
    version = SmallInt(null=False, default=1)
    occurred_at = Timestamptz(null=False, default=None)
    recorded_at = Timestamptz(null=False, default=TimestamptzNow())
    actor_id = BigInt(null=True, default=None)
    on_behalf_of = BigInt(null=True, default=None)
    mandate_id = BigInt(null=True, default=None)
    command_id = BigInt(null=True, default=None)
    household_id = BigInt(null=True, default=None)
    person_id = BigInt(null=True, default=None)
    subject_kind = Text(null=True, default=None)
    subject_id = BigInt(null=True, default=None)
    payload = JSONB(null=False, default="{}")


class Delivery(Owned, Table, db=ENGINE, tablename="delivery"):
    """One event to hand to one consumer. state: waiting, done, stuck, skipped (`reason`)."""

    event_id = BigInt(null=False, default=None)
    consumer = Text(null=False)
    household_id = BigInt(null=True, default=None)
    state = Text(null=False, default="waiting")
    tries = SmallInt(null=False, default=0)
    next_at = Timestamptz(null=False, default=None)
    done_at = Timestamptz(null=True, default=None)
    error = Text(null=True, default=None)
    reason = Text(null=False, default="")


class Command(Owned, Table, db=ENGINE, tablename="command"):
    """A form that was sent, by its hidden key, with what it answered."""

    actor_id = BigInt(null=False, default=0)
    key = UUID(null=False, default=None)
    verb = Text(null=False)
    result = JSONB(null=True, default=None)
    at = Timestamptz(null=False, default=TimestamptzNow())


class PastVersion(Owned, Table, db=ENGINE, tablename="past_version"):
    """What a row held before a change: nothing is overwritten without a trace. kind: the table."""

    kind = Text(null=False)
    row_id = BigInt(null=False, default=None)
    household_id = BigInt(null=True, default=None)
    version = BigInt(null=False, default=None)
    held = JSONB(null=False, default="{}")
    replaced_at = Timestamptz(null=False, default=None)
    replaced_by = BigInt(null=True, default=None)


declare(
    Index("event", "household", "(territory_id, household_id, occurred_at, id)"),
    Index("event", "subject", "(territory_id, subject_kind, subject_id, id)"),
    Index("event", "mandate", "(territory_id, mandate_id, id) WHERE mandate_id IS NOT NULL"),
    Reference("delivery", "event_id", "event"),
    Index("delivery", "once", "(territory_id, event_id, consumer)", unique=True),
    Index(
        "delivery",
        "waiting",
        "(territory_id, consumer, next_at) WHERE state IN ('waiting', 'stuck')",
    ),
    Constraint("delivery", "state", "CHECK (state IN ('waiting', 'done', 'stuck', 'skipped'))"),
    Index("past_version", "row", "(territory_id, kind, row_id, version)", unique=True),
    Index("command", "once", "(territory_id, actor_id, key)", unique=True),
    Rewritten("delivery", "where the handing over of an event stands"),
    Rewritten("command", "the answer of a form that was sent, written once"),
    Rewritten("past_version", "refuses every change by itself"),
)
