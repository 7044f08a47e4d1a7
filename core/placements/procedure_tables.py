"""Tables around a referral: the procedure it follows, visits before a yes, alerts to be read."""

from __future__ import annotations

from piccolo.columns import Array, BigInt, Boolean, Date, SmallInt, Text, Timestamptz
from piccolo.table import Table

from core.kernel.database import ENGINE
from core.kernel.ground import Constraint, GlobalReference, Index, Kept, Reference, declare
from core.kernel.tables import Owned


class ReferralProcedure(Owned, Table, db=ENGINE, tablename="referral_procedure"):
    """How a place of one kind is given, from a day on: papers, who decides, delays, refusals.

    Days are calendar days. A version whose free text speaks of readiness or of a former stay
    waits for a second person (`confirmed_at` NULL): until then the former one holds. One that is
    set aside instead keeps `dropped_at`.
    """

    kind = Text(null=False)
    papers = Array(base_column=Text(), default=list)
    conditions = Array(base_column=Text(), default=list)
    refusals = Array(base_column=Text(), default=list)
    """Codes of the structure's reasons that may be given here; empty, all of the territory's."""
    decides = Text(null=False, default="structure")
    steps = Text(null=False, default="")
    plain = Text(null=False, default="")
    household_days = SmallInt(null=False, default=7)
    structure_days = SmallInt(null=False, default=10)
    preadmission_days = SmallInt(null=False, default=21)
    stall_days = SmallInt(null=False, default=5)
    grace_days = SmallInt(null=False, default=7)
    question_pauses = Boolean(null=False, default=True)
    visit_pauses = Boolean(null=False, default=True)
    found = Array(base_column=Text(), default=list)
    """Words of its free text that made somebody else look at it."""
    why = Text(null=False, default="")
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    written_by = BigInt(null=True, default=None)
    written_at = Timestamptz(null=False, default=None)
    confirmed_by = BigInt(null=True, default=None)
    confirmed_at = Timestamptz(null=True, default=None)
    dropped_by = BigInt(null=True, default=None)
    dropped_at = Timestamptz(null=True, default=None)


class ReferralVisit(Owned, Table, db=ENGINE, tablename="referral_visit"):
    """A visit before the answer. state: asked, planned, held, missed, cancelled."""

    referral_id = BigInt(null=False, default=None)
    state = Text(null=False, default="asked")
    asked_at = Timestamptz(null=False, default=None)
    asked_by = BigInt(null=True, default=None)
    wish = Text(null=False, default="")
    visit_at = Timestamptz(null=True, default=None)
    meeting = Text(null=False, default="")
    settled_at = Timestamptz(null=True, default=None)
    settled_by = BigInt(null=True, default=None)
    version = BigInt(null=False, default=1)


class ReferralAlert(Owned, Table, db=ENGINE, tablename="referral_alert"):
    """What one side of a referral is to read. kind: stalled, expired. side: siao, structure.

    `since`: the last step when it was written, so that a referral is told of once as it stands.
    """

    referral_id = BigInt(null=False, default=None)
    side = Text(null=False)
    kind = Text(null=False)
    since = Timestamptz(null=False, default=None)
    at = Timestamptz(null=False, default=None)
    read_at = Timestamptz(null=True, default=None)
    read_by = BigInt(null=True, default=None)


declare(
    Index(
        "referral_procedure",
        "one_waiting",
        "(territory_id, kind) WHERE confirmed_at IS NULL AND dropped_at IS NULL",
        unique=True,
        message="Une procédure de ce type attend déjà une seconde lecture.",
    ),
    Index("referral_procedure", "kind", "(territory_id, kind, starts_on, id)"),
    Constraint(
        "referral_procedure",
        "days",
        "CHECK (household_days BETWEEN 1 AND 90 AND structure_days BETWEEN 1 AND 90 "
        "AND preadmission_days BETWEEN 1 AND 180 AND stall_days BETWEEN 1 AND 60 "
        "AND grace_days BETWEEN 0 AND 60)",
        "Vérifiez les délais.",
    ),
    GlobalReference("referral_procedure", "written_by", "account"),
    GlobalReference("referral_procedure", "confirmed_by", "account"),
    GlobalReference("referral_procedure", "dropped_by", "account"),
    Kept("referral_procedure"),
    Reference("referral_visit", "referral_id", "referral"),
    Index(
        "referral_visit",
        "one_pending",
        "(territory_id, referral_id) WHERE state IN ('asked', 'planned')",
        unique=True,
        message="Une visite est déjà demandée.",
    ),
    Index("referral_visit", "referral", "(territory_id, referral_id, id)"),
    Constraint(
        "referral_visit",
        "state",
        "CHECK (state IN ('asked', 'planned', 'held', 'missed', 'cancelled'))",
    ),
    GlobalReference("referral_visit", "asked_by", "account"),
    GlobalReference("referral_visit", "settled_by", "account"),
    Kept("referral_visit", versioned=True),
    Reference("referral_alert", "referral_id", "referral"),
    Index("referral_alert", "once", "(territory_id, referral_id, side, kind, since)", unique=True),
    Index("referral_alert", "unread", "(territory_id, side, kind) WHERE read_at IS NULL"),
    GlobalReference("referral_alert", "read_by", "account"),
    Kept("referral_alert"),
)
