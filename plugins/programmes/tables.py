"""The rows of programmes, in their own schema, and what the database promises of them."""

from __future__ import annotations

from piccolo.columns import BigInt, Date, Integer, Text, Timestamptz
from piccolo.table import Table

from core.kernel.database import ENGINE
from core.kernel.ground import Constraint, GlobalReference, Index, Kept, Reference, declare
from core.kernel.tables import Owned


class Programme(Owned, Table, db=ENGINE, tablename="programme", schema="plugin_programmes"):
    """A programme of the territory. `name` is the staff's; residents read `public_name`, `brings`
    and whom to call, and nothing else of it."""

    ref = Text(null=False)
    name = Text(null=False)
    kind = Text(null=False)
    about = Text(null=False, default="")
    public_name = Text(null=False)
    brings = Text(null=False)
    call_name = Text(null=False, default="")
    call_phone = Text(null=False, default="")
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    version = BigInt(null=False, default=1)
    by = BigInt(null=True, default=None)
    at = Timestamptz(null=False, default=None)


class Partner(Owned, Table, db=ENGINE, tablename="partner", schema="plugin_programmes"):
    """An organisation in a programme. role: funder, lead, partner. It ends in time."""

    programme_id = BigInt(null=False, default=None)
    organisation_id = BigInt(null=False, default=None)
    role = Text(null=False)
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    by = BigInt(null=True, default=None)
    at = Timestamptz(null=False, default=None)


class Goal(Owned, Table, db=ENGINE, tablename="goal", schema="plugin_programmes"):
    """A number to reach by a day. Another number is another goal: this one ends."""

    programme_id = BigInt(null=False, default=None)
    measure = Text(null=False)
    target = Integer(null=False, default=None)
    due_on = Date(null=False, default=None)
    by = BigInt(null=True, default=None)
    at = Timestamptz(null=False, default=None)
    ended_at = Timestamptz(null=True, default=None)
    ended_by = BigInt(null=True, default=None)


class Milestone(Owned, Table, db=ENGINE, tablename="milestone", schema="plugin_programmes"):
    """What must be there by a day, and who sees to it. outcome: done, given_up, or open."""

    programme_id = BigInt(null=False, default=None)
    label = Text(null=False)
    due_on = Date(null=False, default=None)
    holder_id = BigInt(null=True, default=None)
    by = BigInt(null=True, default=None)
    at = Timestamptz(null=False, default=None)
    ended_on = Date(null=True, default=None)
    outcome = Text(null=False, default="")
    ended_by = BigInt(null=True, default=None)


class Member(Owned, Table, db=ENGINE, tablename="member", schema="plugin_programmes"):
    """A household in a programme from a day to a day: ids, dates and codes. Words are notes."""

    ref = Text(null=False)
    programme_id = BigInt(null=False, default=None)
    household_id = BigInt(null=False, default=None)
    referent_id = BigInt(null=True, default=None)
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    end_reason = Text(null=False, default="")
    by = BigInt(null=True, default=None)
    at = Timestamptz(null=False, default=None)
    ended_by = BigInt(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    version = BigInt(null=False, default=1)


class Note(Owned, Table, db=ENGINE, tablename="note", schema="plugin_programmes"):
    """What a worker wrote of a household in a programme; about: entry, course, exit.

    Never changed; deleted only when a person asks that what is held of them be erased.
    """

    member_id = BigInt(null=False, default=None)
    household_id = BigInt(null=False, default=None)
    about = Text(null=False)
    text = Text(null=False)
    by = BigInt(null=True, default=None)
    at = Timestamptz(null=False, default=None)


_P = "plugin_programmes"

declare(
    Index(f"{_P}.programme", "ref", "(territory_id, ref)", unique=True),
    Index(
        f"{_P}.programme",
        "name",
        "(territory_id, lower(name)) WHERE ends_on IS NULL",
        unique=True,
        message="Un programme en cours porte déjà ce nom.",
    ),
    GlobalReference(f"{_P}.programme", "by", "account"),
    Constraint(
        f"{_P}.programme",
        "dates",
        "CHECK (ends_on IS NULL OR ends_on >= starts_on)",
        "La fin ne peut pas être avant le début.",
    ),
    Kept(f"{_P}.programme", versioned=True),
    Reference(f"{_P}.partner", "programme_id", f"{_P}.programme"),
    GlobalReference(f"{_P}.partner", "organisation_id", "organisation"),
    GlobalReference(f"{_P}.partner", "by", "account"),
    Constraint(f"{_P}.partner", "role", "CHECK (role IN ('funder', 'lead', 'partner'))"),
    Index(
        f"{_P}.partner",
        "once",
        "(territory_id, programme_id, organisation_id, role) WHERE ends_on IS NULL",
        unique=True,
        message="Cette organisation a déjà ce rôle dans le programme.",
    ),
    Kept(f"{_P}.partner"),
    Reference(f"{_P}.goal", "programme_id", f"{_P}.programme"),
    GlobalReference(f"{_P}.goal", "by", "account"),
    GlobalReference(f"{_P}.goal", "ended_by", "account"),
    Constraint(f"{_P}.goal", "target", "CHECK (target > 0)"),
    Index(
        f"{_P}.goal",
        "once",
        "(territory_id, programme_id, measure, due_on) WHERE ended_at IS NULL",
        unique=True,
        message="Un objectif est déjà fixé pour cette mesure et cette date.",
    ),
    Kept(f"{_P}.goal"),
    Reference(f"{_P}.milestone", "programme_id", f"{_P}.programme"),
    GlobalReference(f"{_P}.milestone", "holder_id", "account"),
    GlobalReference(f"{_P}.milestone", "by", "account"),
    GlobalReference(f"{_P}.milestone", "ended_by", "account"),
    Constraint(
        f"{_P}.milestone",
        "outcome",
        "CHECK ((ended_on IS NULL) = (outcome = '') AND outcome IN ('', 'done', 'given_up'))",
    ),
    Index(f"{_P}.milestone", "programme", "(territory_id, programme_id, due_on)"),
    Index(f"{_P}.milestone", "open", "(territory_id, due_on) WHERE ended_on IS NULL"),
    Kept(f"{_P}.milestone"),
    Index(f"{_P}.member", "ref", "(territory_id, ref)", unique=True),
    Reference(f"{_P}.member", "programme_id", f"{_P}.programme"),
    Reference(f"{_P}.member", "household_id", "household"),
    GlobalReference(f"{_P}.member", "referent_id", "account"),
    GlobalReference(f"{_P}.member", "by", "account"),
    GlobalReference(f"{_P}.member", "ended_by", "account"),
    Constraint(
        f"{_P}.member",
        "dates",
        "CHECK ((ends_on IS NULL) = (end_reason = '') "
        "AND (ends_on IS NULL OR ends_on >= starts_on))",
        "La sortie ne peut pas être avant l’entrée.",
    ),
    Constraint(
        f"{_P}.member",
        "once",
        "EXCLUDE USING gist (int8range(programme_id, programme_id, '[]') WITH &&, "
        "int8range(household_id, household_id, '[]') WITH &&, "
        "daterange(starts_on, ends_on, '[)') WITH &&)",
        "Ce ménage est déjà dans ce programme sur cette période.",
    ),
    Index(f"{_P}.member", "programme", "(territory_id, programme_id, starts_on, id)"),
    Index(f"{_P}.member", "household", "(territory_id, household_id, starts_on)"),
    Kept(f"{_P}.member", versioned=True),
    Reference(f"{_P}.note", "member_id", f"{_P}.member"),
    Reference(f"{_P}.note", "household_id", "household"),
    GlobalReference(f"{_P}.note", "by", "account"),
    Constraint(f"{_P}.note", "about", "CHECK (about IN ('entry', 'course', 'exit'))"),
    Index(f"{_P}.note", "member", "(territory_id, member_id, id)"),
    Index(f"{_P}.note", "household", "(territory_id, household_id, id)"),
    Kept(f"{_P}.note"),
)
