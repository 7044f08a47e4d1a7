"""Households and the people in them, over time."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    BigInt,
    Boolean,
    Date,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.columns.defaults.timestamptz import TimestamptzNow
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


class Household(Owned, Table, db=ENGINE, tablename="household"):
    """People who ask for a home together. Who they are, is their memberships."""

    ref = Text(null=False)
    created_at = Timestamptz(null=False, default=TimestamptzNow())
    created_by = BigInt(null=True, default=None)
    sector_id = BigInt(null=True, default=None)
    external_no = Text(null=True, default=None)
    phone = Text(null=False, default="")
    email = Text(null=False, default="")
    address = Text(null=False, default="")
    language = Text(null=False, default="fr")
    version = BigInt(null=False, default=1)
    archived_on = Date(null=True, default=None)
    merged_into = BigInt(null=True, default=None)


class Person(Owned, Table, db=ENGINE, tablename="person"):
    """A person; may exist without a demande. `birth` may be unknown, never guessed.

    `erased_on`: since that day the row is nobody's (`core.rights`), and history still counts it.
    """

    ref = Text(null=False)
    family_name = Text(null=False)
    given_name = Text(null=False)
    usual_name = Text(null=False, default="")
    search_key = Text(null=False, default="")
    birth = Date(null=True, default=None)
    sex = SmallInt(null=True, default=None)
    phone = Text(null=False, default="")
    email = Text(null=False, default="")
    language = Text(null=False, default="fr")
    external_no = Text(null=True, default=None)
    died_on = Date(null=True, default=None)
    erased_on = Date(null=True, default=None)
    version = BigInt(null=False, default=1)
    created_at = Timestamptz(null=False, default=TimestamptzNow())
    merged_into = BigInt(null=True, default=None)


class PersonVariant(Owned, Table, db=ENGINE, tablename="person_variant"):
    """A word under which a person is found (`spellings`): one of their names' keys."""

    variant = Text(null=False)
    person_id = BigInt(null=False, default=None)


class Spelling(Owned, Table, db=ENGINE, tablename="spelling"):
    """A word of somebody's name by one of its spellings with a letter left out, or none."""

    variant = Text(null=False)
    word = Text(null=False)


class Membership(Owned, Table, db=ENGINE, tablename="membership"):
    """A person in a household, from a day to a day. role: main, partner, child, other."""

    household_id = BigInt(null=False, default=None)
    person_id = BigInt(null=False, default=None)
    role = Text(null=False, default="main")
    shared_custody = Boolean(null=False, default=False)
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    end_reason = Text(null=False, default="")


class Situation(Owned, Table, db=ENGINE, tablename="situation"):
    """Where a person lives, over time (SI-SIAO code). One "ligne d'eau" per person."""

    person_id = BigInt(null=False, default=None)
    code = SmallInt(null=False, default=None)
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    source = Text(null=False, default="")
    by = BigInt(null=True, default=None)
    at = Timestamptz(null=False, default=TimestamptzNow())


class Answer(Owned, Table, db=ENGINE, tablename="answer"):
    """What somebody answered to a question, and when. The latest row holds; the rest is history.

    state: 1 yes or given, 2 no, 3 refused to answer, 4 unknown; no row, or 0 (the answer was
    taken back), = not asked.
    `field_class` (identity, social, health, justice, child, violence) says which permission
    opens it.
    """

    household_id = BigInt(null=False, default=None)
    person_id = BigInt(null=True, default=None)
    question = Text(null=False)
    field_class = Text(null=False, default="social")
    state = SmallInt(null=False, default=None)
    value = JSONB(null=True, default=None)
    source = Text(null=False, default="")
    by = BigInt(null=True, default=None)
    at = Timestamptz(null=False, default=None)


class FieldQuestion(Owned, Table, db=ENGINE, tablename="field_question"):
    """A question on one field, put to the key worker, answered without sending the file back."""

    household_id = BigInt(null=False, default=None)
    question = Text(null=False)
    text = Text(null=False)
    asked_by = BigInt(null=True, default=None)
    asked_at = Timestamptz(null=False, default=None)
    to_account_id = BigInt(null=True, default=None)
    answer = Text(null=True, default=None)
    answered_by = BigInt(null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)


class Note(Owned, Table, db=ENGINE, tablename="note"):
    """What a worker wrote on a file; its class says who may read it."""

    household_id = BigInt(null=False, default=None)
    person_id = BigInt(null=True, default=None)
    field_class = Text(null=False, default="social")
    text = Text(null=False)
    by = BigInt(null=True, default=None)
    at = Timestamptz(null=False, default=None)


class KeyWorker(Owned, Table, db=ENGINE, tablename="key_worker"):
    """Who answers for a household, from a day to a day. role: siao, prescriber."""

    household_id = BigInt(null=False, default=None)
    account_id = BigInt(null=False, default=None)
    organisation_id = BigInt(null=True, default=None)
    role = Text(null=False, default="siao")
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    end_reason = Text(null=False, default="")
    sharing_id = BigInt(null=True, default=None)
    """The sharing out that named them, when many files were given in one act."""


class Sharing(Owned, Table, db=ENGINE, tablename="sharing"):
    """Files without a key worker given out in one act. `how`: a key of `sharing.METHODS`.

    `left_out`: [household, reason] of each file that was asked for and given to nobody.
    """

    ref = Text(null=False)
    how = Text(null=False)
    at = Timestamptz(null=False, default=None)
    by = BigInt(null=True, default=None)
    left_out = JSONB(null=False, default="[]")
    undone_at = Timestamptz(null=True, default=None)
    undone_by = BigInt(null=True, default=None)


class Protection(Owned, Table, db=ENGINE, tablename="protection"):
    """A curatelle or a tutelle, and who holds it: a correction ends a row and begins another."""

    person_id = BigInt(null=False, default=None)
    kind = Text(null=False)
    holder = Text(null=False, default="")
    holder_phone = Text(null=False, default="")
    organisation = Text(null=False, default="")
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    by = BigInt(null=True, default=None)
    at = Timestamptz(null=True, default=None)


class LifeEvent(Owned, Table, db=ENGINE, tablename="life_event"):
    """An act that changed a household: what, when, and the effects that were shown before."""

    household_id = BigInt(null=False, default=None)
    kind = Text(null=False)
    on_date = Date(null=False, default=None)
    person_id = BigInt(null=True, default=None)
    other_household_id = BigInt(null=True, default=None)
    effects = JSONB(null=False, default="[]")
    by = BigInt(null=True, default=None)
    at = Timestamptz(null=False, default=None)


class ShelterHandover(Owned, Table, db=ENGINE, tablename="shelter_handover"):
    """A file handed to, or received from, emergency sheltering (115). direction: to, from."""

    household_id = BigInt(null=False, default=None)
    direction = Text(null=False)
    need = Text(null=False, default="")
    asked_at = Timestamptz(null=False, default=None)
    asked_by = BigInt(null=True, default=None)
    outcome = Text(null=True, default=None)
    outcome_text = Text(null=False, default="")
    settled_at = Timestamptz(null=True, default=None)
    settled_by = BigInt(null=True, default=None)


class StopMessages(Owned, Table, db=ENGINE, tablename="stop_messages"):
    """No message may leave for this person from now on. reason: death, danger; own_wish,
    which leaves the portal as it is, until a row `resumed` takes it back (`households.stops`)."""

    person_id = BigInt(null=False, default=None)
    reason = Text(null=False)
    at = Timestamptz(null=False, default=None)
    by = BigInt(null=True, default=None)


class ExternalChange(Owned, Table, db=ENGINE, tablename="external_change"):
    """A change made here that is not yet entered in SI-SIAO: the queue "À reporter"."""

    household_id = BigInt(null=False, default=None)
    what = Text(null=False)
    text = Text(null=False)
    at = Timestamptz(null=False, default=None)
    by = BigInt(null=True, default=None)
    done_at = Timestamptz(null=True, default=None)
    done_by = BigInt(null=True, default=None)


_PHONE = r"right(regexp_replace(phone, '\D', '', 'g'), 8)"
"""A telephone as a search compares it (`queries.PHONE_KEY`)."""

declare(
    Index("household", "ref", "(territory_id, ref)", unique=True),
    Index("household", "external", "(territory_id, external_no)"),
    Reference("household", "sector_id", "sector"),
    Reference("household", "merged_into", "household"),
    GlobalReference("household", "created_by", "account"),
    Index("person", "ref", "(territory_id, ref)", unique=True),
    Index("person", "name", "(territory_id, search_key, id)"),
    Index("person", "external", "(territory_id, external_no)"),
    Index("person", "birth", "(territory_id, birth)"),
    Reference("person", "merged_into", "person"),
    Index("person", "merged", "(territory_id, merged_into) WHERE merged_into IS NOT NULL"),
    Index("person_variant", "find", '(territory_id, variant COLLATE "C", person_id)', unique=True),
    Index("spelling", "find", '(territory_id, variant COLLATE "C", word COLLATE "C")'),
    Reference("membership", "household_id", "household"),
    Reference("membership", "person_id", "person"),
    Index("membership", "household", "(territory_id, household_id, person_id)"),
    Index("membership", "person", "(territory_id, person_id)"),
    Constraint(
        "membership",
        "one_place",
        # a point of two ids: its GiST costs a tenth of that of two ranges; exact below 2^53
        "EXCLUDE USING gist (box(point(household_id, person_id), point(household_id, person_id)) "
        "WITH &&, daterange(starts_on, ends_on, '[)') WITH &&)",
        "Cette personne est déjà dans ce ménage à cette date.",
    ),
    Constraint("membership", "role", "CHECK (role IN ('main', 'partner', 'child', 'other'))"),
    Reference("situation", "person_id", "person"),
    Index("situation", "person", "(territory_id, person_id, starts_on)"),
    Reference("answer", "household_id", "household"),
    Reference("answer", "person_id", "person"),
    Index("answer", "person", "(territory_id, person_id) WHERE person_id IS NOT NULL"),
    Index("answer", "latest", "(territory_id, household_id, question, id)"),
    Constraint("answer", "state", "CHECK (state BETWEEN 0 AND 4)"),
    Reference("field_question", "household_id", "household"),
    Index("field_question", "open", "(territory_id, to_account_id) WHERE answered_at IS NULL"),
    Index("field_question", "household", "(territory_id, household_id, id)"),
    Reference("note", "household_id", "household"),
    Reference("note", "person_id", "person"),
    Index("note", "person", "(territory_id, person_id) WHERE person_id IS NOT NULL"),
    Index("note", "household", "(territory_id, household_id, id)"),
    Reference("key_worker", "household_id", "household"),
    Reference("key_worker", "sharing_id", "sharing"),
    Index("key_worker", "sharing", "(territory_id, sharing_id) WHERE sharing_id IS NOT NULL"),
    Index("sharing", "ref", "(territory_id, ref)", unique=True),
    GlobalReference("sharing", "by", "account"),
    GlobalReference("sharing", "undone_by", "account"),
    GlobalReference("key_worker", "account_id", "account"),
    GlobalReference("key_worker", "organisation_id", "organisation"),
    Index("key_worker", "household", "(territory_id, household_id)"),
    Index("key_worker", "account", "(territory_id, account_id, household_id)"),
    Constraint(
        "key_worker",
        "one_role",
        "EXCLUDE USING gist (box(point(household_id, ascii(role)), "
        "point(household_id, ascii(role))) WITH &&, "
        "daterange(starts_on, ends_on, '[)') WITH &&)",
        "Ce ménage a déjà un référent à cette date.",
    ),
    Reference("protection", "person_id", "person"),
    GlobalReference("protection", "by", "account"),
    Index("protection", "person", "(territory_id, person_id)"),
    Reference("life_event", "household_id", "household"),
    Reference("life_event", "person_id", "person"),
    Index("life_event", "person", "(territory_id, person_id) WHERE person_id IS NOT NULL"),
    Reference("life_event", "other_household_id", "household"),
    Index("life_event", "household", "(territory_id, household_id, id)"),
    Reference("shelter_handover", "household_id", "household"),
    Index("shelter_handover", "household", "(territory_id, household_id, id)"),
    Index("shelter_handover", "open", "(territory_id, asked_at) WHERE settled_at IS NULL"),
    Reference("stop_messages", "person_id", "person"),
    Index("stop_messages", "person", "(territory_id, person_id)"),
    Reference("past_version", "household_id", "household"),
    Index(
        "past_version", "household", "(territory_id, household_id) WHERE household_id IS NOT NULL"
    ),
    Reference("external_change", "household_id", "household"),
    Index("external_change", "open", "(territory_id, at, id) WHERE done_at IS NULL"),
    Kept("household", versioned=True),
    Kept("person", but=("search_key",), versioned=True),
    Rewritten("person_variant", "computed from the names"),
    Rewritten("spelling", "computed from the names"),
    Rewritten("sharing", "taken back once: who and when are on the row itself"),
    Kept("membership"),
    Kept("situation"),
    Kept("answer"),
    Kept("field_question"),
    Kept("note"),
    Kept("key_worker"),
    Kept("protection"),
    Kept("shelter_handover"),
    Index("person", "phone", f"(territory_id, {_PHONE}) WHERE phone <> ''"),
    Index("household", "phone", f"(territory_id, {_PHONE}) WHERE phone <> ''"),
    Kept("external_change"),
)
