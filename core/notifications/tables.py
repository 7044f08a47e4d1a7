"""Messages: what leaves for people, and what a person and the team write to each other."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    Array,
    BigInt,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from core.kernel.database import ENGINE
from core.kernel.ground import (
    Constraint,
    GlobalReference,
    Index,
    Kept,
    Reference,
    Rewritten,
    declare,
)
from core.kernel.tables import Owned


class OutgoingMessage(Owned, Table, db=ENGINE, tablename="outgoing_message"):
    """A message to send: says that something changed, never what.

    channel: portal (there to read at once), desk (the same, of a key worker: `account_id`), email,
    sms, letter, voice (somebody has to say it). state: waiting (not left, or to try again from
    `next_at`), sent, failed (nothing is tried any more), stopped, told (somebody said it aloud, or
    handed the letter over). `error`: why it did not leave, a key of `notifications.rules.TROUBLES`.
    `content` is what left, word for word, and where to (decision 0009). `batch` names the letters
    printed together. `ref` NULL: it never leaves by itself, or is older than this column.
    """

    ref = Text(null=True, default=None)
    content = JSONB(null=True, default=None)
    printed_at = Timestamptz(null=True, default=None)
    batch = Text(null=True, default=None)

    person_id = BigInt(null=True, default=None)
    account_id = BigInt(null=True, default=None)
    household_id = BigInt(null=True, default=None)
    event_id = BigInt(null=True, default=None)
    channel = Text(null=False, default="portal")
    template = Text(null=False)
    params = JSONB(null=False, default="{}")
    state = Text(null=False, default="waiting")
    tries = SmallInt(null=False, default=0)
    created_at = Timestamptz(null=False, default=None)
    sent_at = Timestamptz(null=True, default=None)
    read_at = Timestamptz(null=True, default=None)
    error = Text(null=False, default="")
    next_at = Timestamptz(null=True, default=None)
    settled_by = BigInt(null=True, default=None)


class ContactChoice(Owned, Table, db=ENGINE, tablename="contact_choice"):
    """How a person wants to be reached, as they last said: first by what, and never by what.

    The latest row holds, the others are its history. Why a channel is not safe is not written.
    """

    person_id = BigInt(null=False, default=None)
    prefers = Array(base_column=Text(), null=False, default=list)
    unsafe = Array(base_column=Text(), null=False, default=list)
    note = Text(null=False, default="")
    at = Timestamptz(null=False, default=None)
    by = BigInt(null=True, default=None)


class Exchange(Owned, Table, db=ENGINE, tablename="exchange"):
    """A message or a feedback of a person on a step, with its answer. kind: message, feedback,
    correction."""

    ref = Text(null=False)
    household_id = BigInt(null=False, default=None)
    person_id = BigInt(null=False, default=None)
    kind = Text(null=False, default="message")
    about_kind = Text(null=False, default="")
    about_id = BigInt(null=True, default=None)
    text = Text(null=False)
    mood = SmallInt(null=True, default=None)
    written_at = Timestamptz(null=False, default=None)
    written_by = BigInt(null=True, default=None)
    mandate_id = BigInt(null=True, default=None)
    answer_due = Timestamptz(null=False, default=None)
    answer = Text(null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)
    answered_by = BigInt(null=True, default=None)
    answer_read_at = Timestamptz(null=True, default=None)


declare(
    Reference("outgoing_message", "person_id", "person"),
    GlobalReference("outgoing_message", "account_id", "account"),
    Reference("outgoing_message", "household_id", "household"),
    Reference("outgoing_message", "event_id", "event"),
    Index(
        "outgoing_message",
        "once",
        "(territory_id, event_id, person_id, channel) WHERE event_id IS NOT NULL",
        unique=True,
    ),
    Index("outgoing_message", "waiting", "(territory_id, created_at) WHERE state = 'waiting'"),
    Index("outgoing_message", "person", "(territory_id, person_id, id)"),
    Constraint(
        "outgoing_message",
        "state",
        "CHECK (state IN ('waiting', 'sent', 'failed', 'stopped', 'told'))",
    ),
    Constraint(
        "outgoing_message",
        "channel",
        "CHECK (channel IN ('portal', 'desk', 'email', 'sms', 'letter', 'voice'))",
    ),
    GlobalReference("outgoing_message", "settled_by", "account"),
    Index(
        "outgoing_message",
        "outside",
        "(territory_id, id) WHERE channel NOT IN ('portal', 'desk') "
        "AND state IN ('waiting', 'failed')",
    ),
    Index(
        "outgoing_message",
        "one_notice",
        "(territory_id, person_id, channel) WHERE template = 'notice' "
        "AND channel NOT IN ('portal', 'desk') AND state IN ('waiting', 'failed')",
        unique=True,
    ),
    Index("outgoing_message", "ref", "(territory_id, ref) WHERE ref IS NOT NULL", unique=True),
    Index(
        "outgoing_message",
        "desk",
        "(territory_id, account_id, event_id) WHERE channel = 'desk'",
        unique=True,
    ),
    Index(
        "outgoing_message",
        "household",
        "(territory_id, household_id, id) WHERE channel <> 'portal'",
    ),
    Index("outgoing_message", "batch", "(territory_id, batch) WHERE batch IS NOT NULL"),
    Reference("contact_choice", "person_id", "person"),
    GlobalReference("contact_choice", "by", "account"),
    Index("contact_choice", "person", "(territory_id, person_id, id)"),
    Kept("contact_choice"),
    Reference("exchange", "mandate_id", "mandate"),
    Reference("exchange", "household_id", "household"),
    Reference("exchange", "person_id", "person"),
    Index("exchange", "ref", "(territory_id, ref)", unique=True),
    Index("exchange", "household", "(territory_id, household_id, id)"),
    Index("exchange", "person", "(territory_id, person_id, id)"),
    Index("exchange", "unanswered", "(territory_id, answer_due, id) WHERE answered_at IS NULL"),
    Index("exchange", "answered", "(territory_id, answered_at, id) WHERE answered_at IS NOT NULL"),
    Constraint("exchange", "kind", "CHECK (kind IN ('message', 'feedback', 'correction'))"),
    Constraint("exchange", "mood", "CHECK (mood IS NULL OR mood BETWEEN 1 AND 5)"),
    Rewritten("outgoing_message", "where its sending stands; the message itself never changes"),
    Kept("exchange"),
)
