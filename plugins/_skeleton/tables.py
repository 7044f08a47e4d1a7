"""The rows of the plugin, in its own schema, and what the database promises of them."""

from __future__ import annotations

from piccolo.columns import BigInt, Date, Text, Timestamptz
from piccolo.table import Table

from core.kernel.database import ENGINE
from core.kernel.ground import Constraint, GlobalReference, Index, Reference, declare
from core.kernel.tables import Owned


class Step(Owned, Table, db=ENGINE, tablename="step", schema="plugin_skeleton"):
    """A step agreed with a household. It ends: done or given up; it is never erased or changed."""

    household_id = BigInt(null=False, default=None)
    label = Text(null=False)
    due_on = Date(null=False, default=None)
    by = BigInt(null=True, default=None)
    at = Timestamptz(null=False, default=None)
    ended_on = Date(null=True, default=None)
    outcome = Text(null=False, default="")


declare(
    Reference("plugin_skeleton.step", "household_id", "household"),
    GlobalReference("plugin_skeleton.step", "by", "account"),
    Constraint("plugin_skeleton.step", "label", "CHECK (label <> '')"),
    Constraint(
        "plugin_skeleton.step",
        "outcome",
        "CHECK ((ended_on IS NULL) = (outcome = '') AND outcome IN ('', 'done', 'given_up'))",
    ),
    Index("plugin_skeleton.step", "open", "(territory_id, due_on, id) WHERE ended_on IS NULL"),
    Index("plugin_skeleton.step", "household", "(territory_id, household_id, due_on)"),
)
