"""From a referral to the keys, the stay and the exit."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    BigInt,
    Boolean,
    Date,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from core.kernel.database import ENGINE
from core.kernel.ground import (
    Constraint,
    Erasable,
    GlobalReference,
    Index,
    Kept,
    Reference,
    declare,
)
from core.kernel.tables import Owned
from core.placements.procedure_tables import (  # noqa: F401 - tables of this noun
    ReferralAlert,
    ReferralProcedure,
    ReferralVisit,
)


class RefusalReason(Owned, Table, db=ENGINE, tablename="refusal_reason"):
    """Why a referral may be refused, by whom, with what effect; dated, this territory's own."""

    author = Text(null=False)
    code = Text(null=False)
    label = Text(null=False)
    plain = Text(null=False, default="")
    admissible = Boolean(null=False, default=True)
    binds_household = Boolean(null=False, default=False)
    keeps_seniority = Boolean(null=False, default=True)
    needs_words = Boolean(null=False, default=False)
    evidence = Text(null=False, default="")
    """What is to be noted as shown when this reason is given; empty, nothing."""
    contestable = Boolean(null=False, default=True)
    """Whether the other side may ask that it be looked at again."""
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)


class Referral(Owned, Table, db=ENGINE, tablename="referral"):
    """A household proposed for a vacancy (orientation), with the snapshot it was decided on."""

    ref = Text(null=False)
    vacancy_id = BigInt(null=False, default=None)
    request_id = BigInt(null=False, default=None)
    household_id = BigInt(null=False, default=None)
    state = Text(null=False, default="proposed")
    proposed_at = Timestamptz(null=False, default=None)
    proposed_by = BigInt(null=True, default=None)
    answer_by = Timestamptz(null=True, default=None)
    rank = Integer(null=True, default=None)
    rule_id = BigInt(null=True, default=None)
    snapshot = JSONB(null=False, default="{}")
    words = Text(null=False, default="")
    told_by = Text(null=False, default="portal")
    """How the household is told of it: portal, letter, worker."""
    paused_at = Timestamptz(null=True, default=None)
    """Since when the clock of the household's answer stands still; NULL, it runs."""
    version = BigInt(null=False, default=1)


class ReferralState(Owned, Table, db=ENGINE, tablename="referral_state"):
    """Each step of a referral: by which side, with which coded reason. Insert only."""

    referral_id = BigInt(null=False, default=None)
    verb = Text(null=False)
    state = Text(null=False)
    at = Timestamptz(null=False, default=None)
    by = BigInt(null=True, default=None)
    author = Text(null=False, default="siao")
    reason_id = BigInt(null=True, default=None)
    words = Text(null=False, default="")
    evidence = Text(null=False, default="")
    """A note of what was shown, where the reason asks for it."""


class PassedOver(Owned, Table, db=ENGINE, tablename="passed_over"):
    """Someone above the one who was proposed, and the reason why not them this time."""

    referral_id = BigInt(null=False, default=None)
    request_id = BigInt(null=False, default=None)
    rank = Integer(null=False, default=None)
    reason = Text(null=False)
    words = Text(null=False, default="")


class Placement(Owned, Table, db=ENGINE, tablename="placement"):
    """A stay: a household in a unit from a day to a day, under a lease of some kind.

    The database promises one household per unit and period, and one current stay per household
    unless the second is declared `double`.
    """

    ref = Text(null=False)
    unit_id = BigInt(null=False, default=None)
    household_id = BigInt(null=False, default=None)
    referral_id = BigInt(null=True, default=None)
    request_id = BigInt(null=True, default=None)
    state = Text(null=False, default="planned")
    lease_kind = Text(null=False, default="sejour")
    kind = Text(null=False)
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    due_on = Date(null=True, default=None)
    double = Boolean(null=False, default=False)
    protected_kind = Text(null=False, default="")
    exit_code = SmallInt(null=True, default=None)
    exit_words = Text(null=False, default="")
    created_at = Timestamptz(null=False, default=None)
    created_by = BigInt(null=True, default=None)


class PlacementState(Owned, Table, db=ENGINE, tablename="placement_state"):
    """Each change of a stay: planned, present, exited, cancelled. Insert only.

    `on_date` is the day of the entry or the exit, `exit_code` where the household went: an exit
    that is taken back stays here as it was noted.
    """

    placement_id = BigInt(null=False, default=None)
    verb = Text(null=False)
    state = Text(null=False)
    at = Timestamptz(null=False, default=None)
    by = BigInt(null=True, default=None)
    words = Text(null=False, default="")
    on_date = Date(null=True, default=None)
    exit_code = SmallInt(null=True, default=None)


_OPEN = "state IN ('proposed', 'accepted', 'sent_to_structure', 'preadmission', 'unanswered')"


class ReferralReview(Owned, Table, db=ENGINE, tablename="referral_review"):
    """A household changed while a proposal to it runs: both sides see what, one of them decides.

    `before`, `after`: the facts that differ. outcome: confirmed, withdrawn; NULL while it waits.
    What the event itself withdrew is only to be read, by each `side` (siao, structure) for itself.
    """

    referral_id = BigInt(null=False, default=None)
    side = Text(null=False, default="")
    life_event_id = BigInt(null=False, default=None)
    before = JSONB(null=False, default="{}")
    after = JSONB(null=False, default="{}")
    at = Timestamptz(null=False, default=None)
    by = BigInt(null=True, default=None)
    outcome = Text(null=True, default=None)
    settled_at = Timestamptz(null=True, default=None)
    settled_by = BigInt(null=True, default=None)


declare(
    Index("refusal_reason", "from", "(territory_id, author, code, starts_on)", unique=True),
    Index("referral", "ref", "(territory_id, ref)", unique=True),
    Reference("referral", "vacancy_id", "vacancy"),
    Reference("referral", "request_id", "housing_request"),
    Reference("referral", "household_id", "household"),
    Reference("referral", "rule_id", "ranking_rule"),
    Index(
        "referral",
        "one_open",
        f"(territory_id, vacancy_id) WHERE {_OPEN} OR state = 'admitted'",
        unique=True,
        message="Cette place est déjà proposée à un autre ménage.",
    ),
    Index(
        "referral",
        "one_per_request",
        f"(territory_id, request_id) WHERE {_OPEN}",
        unique=True,
        message="Ce ménage a déjà une proposition en cours.",
    ),
    Index("referral", "queue", "(territory_id, state, answer_by, id)"),
    Index("referral", "household", "(territory_id, household_id, id)"),
    Reference("referral_state", "referral_id", "referral"),
    Reference("referral_state", "reason_id", "refusal_reason"),
    Index("referral_state", "referral", "(territory_id, referral_id, id)"),
    Erasable("referral_state", (("words", "''"),)),
    Reference("passed_over", "referral_id", "referral"),
    Reference("passed_over", "request_id", "housing_request"),
    Index("passed_over", "request", "(territory_id, request_id, id)"),
    Erasable("passed_over", (("words", "''"),)),
    Index("placement", "ref", "(territory_id, ref)", unique=True),
    Reference("placement", "unit_id", "housing_unit"),
    Reference("placement", "household_id", "household"),
    Reference("placement", "referral_id", "referral"),
    Reference("placement", "request_id", "housing_request"),
    Index("placement", "household", "(territory_id, household_id, id)"),
    Index("placement", "unit", "(territory_id, unit_id, id)"),
    Constraint(
        "placement",
        "one_household",
        "EXCLUDE USING gist (int8range(unit_id, unit_id, '[]') WITH &&, "
        "daterange(starts_on, ends_on, '[)') WITH &&) WHERE (state <> 'cancelled')",
        "Ce logement est déjà occupé à cette période.",
    ),
    Constraint(
        "placement",
        "one_stay",
        "EXCLUDE USING gist (int8range(household_id, household_id, '[]') WITH &&, "
        "daterange(starts_on, ends_on, '[)') WITH &&) WHERE (state <> 'cancelled' AND NOT double)",
        "Ce ménage a déjà un logement à cette période.",
    ),
    Constraint(
        "placement",
        "dates",
        "CHECK (ends_on IS NULL OR ends_on >= starts_on)",
        "La sortie ne peut pas être avant l’entrée.",
    ),
    Reference("placement_state", "placement_id", "placement"),
    Index("placement_state", "placement", "(territory_id, placement_id, id)"),
    Erasable("placement_state", (("words", "''"),)),
    Kept("refusal_reason"),
    Kept("referral", but=("state",), versioned=True),
    Kept("placement", but=("state",)),
    Kept("referral_review"),
    Kept("emergency_admission"),
    Reference("referral_review", "referral_id", "referral"),
    Reference("referral_review", "life_event_id", "life_event"),
    GlobalReference("referral_review", "by", "account"),
    GlobalReference("referral_review", "settled_by", "account"),
    Index("referral_review", "referral", "(territory_id, referral_id, id)"),
    Index(
        "referral_review", "open", "(territory_id, referral_id) WHERE outcome IS NULL", unique=True
    ),
)


class EmergencyAdmission(Owned, Table, db=ENGINE, tablename="emergency_admission"):
    """Somebody a structure took in without the SIAO: what it said, until the SIAO has tied it.

    state: waiting, confirmed, set_aside. `household_id` is the answer of the SIAO, never of the
    structure.
    """

    ref = Text(null=False)
    unit_id = BigInt(null=False, default=None)
    number = Text(null=False, default="")
    birth = Date(null=False, default=None)
    starts_on = Date(null=False, default=None)
    told_on = Date(null=False, default=None)
    why = Text(null=False, default="")
    state = Text(null=False, default="waiting")
    declared_by = BigInt(null=True, default=None)
    declared_at = Timestamptz(null=False, default=None)
    household_id = BigInt(null=True, default=None)
    placement_id = BigInt(null=True, default=None)
    settled_by = BigInt(null=True, default=None)
    settled_at = Timestamptz(null=True, default=None)
    words = Text(null=False, default="")


declare(
    Index("emergency_admission", "ref", "(territory_id, ref)", unique=True),
    Reference("emergency_admission", "unit_id", "housing_unit"),
    Reference("emergency_admission", "household_id", "household"),
    Reference("emergency_admission", "placement_id", "placement"),
    Index(
        "emergency_admission",
        "one_waiting",
        "(territory_id, unit_id) WHERE state = 'waiting'",
        unique=True,
        message="Une admission en urgence attend déjà le SIAO pour cette place.",
    ),
    Index("emergency_admission", "state", "(territory_id, state, id)"),
)
