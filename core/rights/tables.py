"""Each copy handed out and each erasure done: that it was, by whom and why; never its content."""

from __future__ import annotations

from piccolo.columns import JSONB, BigInt, Text, Timestamptz
from piccolo.table import Table

from core.kernel.database import ENGINE
from core.kernel.ground import Constraint, GlobalReference, Index, Reference, declare
from core.kernel.tables import Owned


class RightsAct(Owned, Table, db=ENGINE, tablename="rights_act"):
    """A right answered for a person. kind: copy, erasure. basis: asked, retention. Insert only.

    `counts`: how many rows of each table an erasure emptied or took away, by the table's name.
    """

    kind = Text(null=False)
    basis = Text(null=False)
    person_id = BigInt(null=False, default=None)
    household_id = BigInt(null=False, default=None)
    reason = Text(null=False)
    counts = JSONB(null=False, default="{}")
    by = BigInt(null=True, default=None)
    at = Timestamptz(null=False, default=None)


declare(
    Reference("rights_act", "person_id", "person"),
    Reference("rights_act", "household_id", "household"),
    GlobalReference("rights_act", "by", "account"),
    Index("rights_act", "person", "(territory_id, person_id, id)"),
    Constraint("rights_act", "kind", "CHECK (kind IN ('copy', 'erasure'))"),
    Constraint("rights_act", "basis", "CHECK (basis IN ('asked', 'retention'))"),
)
