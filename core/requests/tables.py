"""The demande: what a household asks for, what was recommended, decided, and when."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    Array,
    BigInt,
    Boolean,
    Date,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from core.kernel.database import ENGINE
from core.kernel.ground import (
    Constraint,
    Erasable,
    GlobalReference,
    Index,
    Kept,
    Reference,
    Rewritten,
    declare,
)
from core.kernel.tables import Owned


class HousingRequest(Owned, Table, db=ENGINE, tablename="housing_request"):
    """A demande. `state` is what the last row of request_state says, kept here for lists."""

    ref = Text(null=False)
    household_id = BigInt(null=False, default=None)
    state = Text(null=False, default="draft")
    reason_code = SmallInt(null=True, default=None)
    summary = Text(null=False, default="")
    first_sent_on = Date(null=True, default=None)
    last_sent_on = Date(null=True, default=None)
    seniority_on = Date(null=True, default=None)
    refresh_due = Date(null=True, default=None)
    organisation_id = BigInt(null=True, default=None)
    external_no = Text(null=True, default=None)
    created_at = Timestamptz(null=False, default=None)
    created_by = BigInt(null=True, default=None)
    version = BigInt(null=False, default=1)


class RequestState(Owned, Table, db=ENGINE, tablename="request_state"):
    """Each step of a demande: what, when, by whom, why. Insert only."""

    request_id = BigInt(null=False, default=None)
    verb = Text(null=False)
    state = Text(null=False)
    at = Timestamptz(null=False, default=None)
    by = BigInt(null=True, default=None)
    reason = Text(null=False, default="")


class Decision(Owned, Table, db=ENGINE, tablename="decision"):
    """A decision on a demande, with the snapshot it was made on. outcome: validate_and_refer,
    validate_and_list, adjourn, refuse."""

    request_id = BigInt(null=False, default=None)
    outcome = Text(null=False)
    decided_at = Timestamptz(null=False, default=None)
    decided_by = BigInt(null=True, default=None)
    reason = Text(null=False, default="")
    plain_text = Text(null=False, default="")
    missing = JSONB(null=False, default="[]")
    due_on = Date(null=True, default=None)
    remedies = JSONB(null=False, default="[]")
    snapshot = JSONB(null=False, default="{}")


class Recommendation(Owned, Table, db=ENGINE, tablename="recommendation"):
    """A kind of housing that fits, in order of preference; ends in time, is never edited."""

    request_id = BigInt(null=False, default=None)
    rank = SmallInt(null=False, default=1)
    kind = Text(null=False)
    support = SmallInt(null=True, default=None)
    why = Text(null=False, default="")
    by = BigInt(null=True, default=None)
    starts_at = Timestamptz(null=False, default=None)
    ends_at = Timestamptz(null=True, default=None)


class Resource(Owned, Table, db=ENGINE, tablename="resource"):
    """One resource of a household: what, how much a month (cents), whose, since and until when.

    Ends in time, is never edited. `kind`: of the list `resources`; NULL when only the amount is
    known. Their sum is the answer `resources_cents` that matching reads.
    """

    household_id = BigInt(null=False, default=None)
    person_id = BigInt(null=True, default=None)
    rank = SmallInt(null=False, default=1)
    kind = SmallInt(null=True, default=None)
    amount_cents = BigInt(null=False, default=None)
    since = Date(null=True, default=None)
    until = Date(null=True, default=None)
    by = BigInt(null=True, default=None)
    starts_at = Timestamptz(null=False, default=None)
    ends_at = Timestamptz(null=True, default=None)


class Draft(Owned, Table, db=ENGINE, tablename="draft"):
    """A form somebody is filling in, saved as they type. One per author, form and subject."""

    account_id = BigInt(null=False, default=None)
    form = Text(null=False)
    subject = Text(null=False, default="")
    values = JSONB(null=False, default="{}")
    saved_at = Timestamptz(null=False, default=None)
    version = Integer(null=False, default=1)


class RequestFacts(Owned, Table, db=ENGINE, tablename="request_facts"):
    """What matching reads of a demande: one row, kept by the services in the same transaction.

    NULL is "not asked"; dates, never ages; money in cents per month.
    """

    request_id = BigInt(null=False, default=None)
    household_id = BigInt(null=False, default=None)
    composition = SmallInt(null=True, default=None)
    persons = SmallInt(null=True, default=None)
    persons_soon = SmallInt(null=True, default=None)
    soon_on = Date(null=True, default=None)
    couple = Boolean(null=True, default=None)
    adults = SmallInt(null=True, default=None)
    youngest_birth = Date(null=True, default=None)
    eldest_birth = Date(null=True, default=None)
    main_birth = Date(null=True, default=None)
    rooms_from = Array(base_column=Date(), null=True, default=None)
    """From when on it needs a first room, a second, and so on (`composed.rooms_from`)."""
    lawful_stay = Boolean(null=True, default=None)
    social_housing_no = Boolean(null=True, default=None)
    resources_cents = BigInt(null=True, default=None)
    kinds = Array(base_column=Text(), null=True, default=None)
    areas_wanted = Array(base_column=BigInt(), null=True, default=None)
    areas_refused = Array(base_column=BigInt(), null=True, default=None)
    accessible_needed = Boolean(null=True, default=None)
    animals = Boolean(null=True, default=None)
    support = SmallInt(null=True, default=None)
    tags = Array(base_column=Text(), null=True, default=None)
    updated_at = Timestamptz(null=False, default=TimestamptzNow())


class RequestTag(Owned, Table, db=ENGINE, tablename="request_tag"):
    """Something true of a demande for a time, said by who knows it: a plugin, or a person through
    one. It ends in time; `request_facts.tags` holds the keys that have not ended. `person_id`: of
    whom it is true, where it is of one person of the household alone."""

    request_id = BigInt(null=False, default=None)
    person_id = BigInt(null=True, default=None)
    plugin = Text(null=False)
    key = Text(null=False)
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    reason = Text(null=False, default="")
    by = BigInt(null=True, default=None)
    at = Timestamptz(null=False, default=None)
    end_reason = Text(null=False, default="")
    ended_by = BigInt(null=True, default=None)


declare(
    Index("housing_request", "ref", "(territory_id, ref)", unique=True),
    Index("housing_request", "external", "(territory_id, external_no)", unique=True),
    Reference("housing_request", "household_id", "household"),
    GlobalReference("housing_request", "organisation_id", "organisation"),
    GlobalReference("housing_request", "created_by", "account"),
    Index("housing_request", "queue", "(territory_id, state, last_sent_on, id)"),
    Index("housing_request", "household", "(territory_id, household_id, id)"),
    Index("housing_request", "refresh", "(territory_id, refresh_due, id)"),
    Index(
        "housing_request",
        "one_open",
        "(territory_id, household_id) WHERE state NOT IN ('closed', 'cancelled', 'refused')",
        unique=True,
        message="Ce ménage a déjà une demande en cours.",
    ),
    Reference("request_state", "request_id", "housing_request"),
    Index("request_state", "request", "(territory_id, request_id, id)"),
    Erasable("request_state", (("reason", "''"),)),
    Reference("decision", "request_id", "housing_request"),
    Index("decision", "request", "(territory_id, request_id, id)"),
    Erasable(
        "decision",
        (
            ("reason", "''"),
            ("plain_text", "''"),
            ("missing", "'[]'::jsonb"),
            ("snapshot", "'{}'::jsonb"),
        ),
    ),
    Reference("recommendation", "request_id", "housing_request"),
    Index("recommendation", "request", "(territory_id, request_id, rank) WHERE ends_at IS NULL"),
    GlobalReference("draft", "account_id", "account"),
    Index("draft", "mine", "(territory_id, account_id, form, subject)", unique=True),
    Reference("request_facts", "request_id", "housing_request"),
    Reference("request_facts", "household_id", "household"),
    Index("request_facts", "request", "(territory_id, request_id)", unique=True),
    Kept(
        "housing_request",
        but=("state", "first_sent_on", "last_sent_on", "refresh_due", "seniority_on"),
        versioned=True,
    ),
    Kept("recommendation"),
    Kept("request_tag"),
    Reference("request_tag", "request_id", "housing_request"),
    Reference("request_tag", "person_id", "person"),
    Index("request_tag", "person", "(territory_id, person_id) WHERE person_id IS NOT NULL"),
    GlobalReference("request_tag", "by", "account"),
    GlobalReference("request_tag", "ended_by", "account"),
    Index("request_tag", "request", "(territory_id, request_id, key, id)"),
    Constraint(
        "request_tag",
        "dates",
        "CHECK (ends_on IS NULL OR ends_on >= starts_on)",
        "La fin ne peut pas être avant le début.",
    ),
    Constraint(
        "request_tag",
        "once",
        "EXCLUDE USING gist (int8range(request_id, request_id, '[]') WITH &&, "
        "int8range(hashtextextended(key, 0), hashtextextended(key, 0), '[]') WITH &&, "
        "daterange(starts_on, ends_on, '[)') WITH &&)",
        "Cette mention est déjà notée sur cette période.",
    ),
    Kept("resource"),
    Rewritten("draft", "what somebody is still typing"),
    Rewritten("request_facts", "computed from the demande"),
    Constraint("recommendation", "rank_from_one", "CHECK (rank >= 1)"),
    Reference("resource", "household_id", "household"),
    Reference("resource", "person_id", "person"),
    Index("resource", "person", "(territory_id, person_id) WHERE person_id IS NOT NULL"),
    GlobalReference("resource", "by", "account"),
    Index("resource", "household", "(territory_id, household_id, rank) WHERE ends_at IS NULL"),
    Constraint("resource", "amount", "CHECK (amount_cents >= 0)"),
)
