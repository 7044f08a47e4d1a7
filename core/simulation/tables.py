"""Replays of a list under another rule: what was asked, how far it is, and the report."""

from __future__ import annotations

from piccolo.columns import JSONB, BigInt, Date, Integer, Text, Timestamptz
from piccolo.table import Table

from core.kernel.database import ENGINE
from core.kernel.ground import Constraint, Index, Kept, Reference, declare
from core.kernel.tables import Owned


class Simulation(Owned, Table, db=ENGINE, tablename="simulation"):
    """Past months of a list replayed under another rule: what was asked, and how far it is.

    state: waiting, running, done, stopped, failed. `keys` is the rule tried, word for word.
    """

    ref = Text(null=False)
    kind = Text(null=False)
    keys = JSONB(null=False, default="[]")
    title = Text(null=False, default="")
    draft_id = BigInt(null=True, default=None)
    rule_id = BigInt(null=True, default=None)
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=False, default=None)
    state = Text(null=False, default="waiting")
    asked_by = BigInt(null=True, default=None)
    asked_at = Timestamptz(null=False, default=None)
    total = Integer(null=False, default=0)
    done = Integer(null=False, default=0)
    progress = JSONB(null=False, default="{}")
    stop_by = BigInt(null=True, default=None)
    stop_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)


class SimulationReport(Owned, Table, db=ENGINE, tablename="simulation_report"):
    """What a simulation found, written once."""

    simulation_id = BigInt(null=False, default=None)
    found = JSONB(null=False, default="{}")
    at = Timestamptz(null=False, default=None)


declare(
    Index("simulation", "ref", "(territory_id, ref)", unique=True),
    Index("simulation", "kind", "(territory_id, kind, id)"),
    Reference("simulation", "draft_id", "ranking_draft"),
    Reference("simulation", "rule_id", "ranking_rule"),
    Constraint(
        "simulation",
        "state",
        "CHECK (state IN ('waiting', 'running', 'done', 'stopped', 'failed'))",
    ),
    Constraint(
        "simulation",
        "dates",
        "CHECK (starts_on < ends_on)",
        "La fin ne peut pas être avant le début.",
    ),
    Reference("simulation_report", "simulation_id", "simulation"),
    Index("simulation_report", "once", "(territory_id, simulation_id)", unique=True),
    Kept(
        "simulation",
        but=("state", "total", "done", "progress", "stop_by", "stop_at", "ended_at"),
    ),
)
