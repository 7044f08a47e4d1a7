"""A territory, its sectors, its dated settings, and the code lists."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Date,
    Integer,
    Serial,
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


class Territory(Table, db=ENGINE, tablename="territory"):
    """A département, a métropole, a Brussels network. `slug` is its name in every address."""

    id = Serial(primary_key=True)
    slug = Text(null=False, unique=True)
    name = Text(null=False)
    zone = Text(null=False, default="Europe/Paris")
    country = Text(null=False, default="FR")
    langs = Array(base_column=Text(), default=list)
    vocabulary = Text(null=False, default="fr")
    emergency_phone = Text(null=False, default="115")
    team_name = Text(null=False, default="")
    team_phone = Text(null=False, default="")
    plugins = Array(base_column=Text(), default=list)
    """What is on now: what the last `plugin_enablement` rows say, kept here for every page."""
    former_plugins = Array(base_column=Text(), default=list)
    """What was on once and is off: their rows stand."""
    created_at = Timestamptz(null=False, default=TimestamptzNow())


class Code(Table, db=ENGINE, tablename="code"):
    """One entry of a code list, with the id it has in SI-SIAO. Dated: an entry can end."""

    id = BigSerial(primary_key=True)
    list = Text(null=False)
    code = Integer(null=False, default=None)
    label = Text(null=False)
    label_en = Text(null=False, default="")
    grouping = Text(null=False, default="")
    starts_on = Date(null=True, default=None)
    ends_on = Date(null=True, default=None)


class Sector(Owned, Table, db=ENGINE, tablename="sector"):
    """A part of a territory with its own authority. Sectors may overlap."""

    code = Text(null=False)
    name = Text(null=False)
    authority = Text(null=False, default="")
    ended_on = Date(null=True, default=None)


class Area(Owned, Table, db=ENGINE, tablename="area"):
    """A commune or quarter: what people ask for, and where a dwelling stands."""

    name = Text(null=False)
    postcode = Text(null=False, default="")
    search_key = Text(null=False, default="")


class SectorArea(Owned, Table, db=ENGINE, tablename="sector_area"):
    """An area that lies in a sector; several sectors may hold it."""

    sector_id = BigInt(null=False, default=None)
    area_id = BigInt(null=False, default=None)


class Setting(Owned, Table, db=ENGINE, tablename="setting"):
    """A value of a territory's setting from a day on, with its author. The latest start wins."""

    plugin = Text(null=False, default="core")
    name = Text(null=False)
    value = JSONB(null=False, default="null")
    starts_on = Date(null=False, default=None)
    by = BigInt(null=True, default=None)
    why = Text(null=False, default="")
    at = Timestamptz(null=False, default=TimestamptzNow())


class PluginEnablement(Owned, Table, db=ENGINE, tablename="plugin_enablement"):
    """A plugin switched on or off here: who, when, why. The latest row is what holds."""

    plugin = Text(null=False)
    enabled = Boolean(null=False, default=True)
    at = Timestamptz(null=False, default=TimestamptzNow())
    by = BigInt(null=True, default=None)
    why = Text(null=False, default="")


class JobRun(Owned, Table, db=ENGINE, tablename="job_run"):
    """A job that ran here: when it was due, what it said (msgid and what fills it), or what it
    failed on (the kind of error, never its words). Insert only. `by`: who asked for it."""

    plugin = Text(null=False)
    job = Text(null=False)
    due_at = Timestamptz(null=False, default=None)
    started_at = Timestamptz(null=False, default=None)
    ended_at = Timestamptz(null=False, default=None)
    said = Text(null=False, default="")
    params = JSONB(null=False, default="{}")
    error = Text(null=False, default="")
    by = BigInt(null=True, default=None)


class PartTrouble(Owned, Table, db=ENGINE, tablename="part_trouble"):
    """What a plugin failed to show or to answer on a day: which piece, what was wrong, how often.

    `what`: failed, flood, late. `error`: its kind, never its words.
    """

    plugin = Text(null=False)
    part = Text(null=False)
    what = Text(null=False)
    day = Date(null=False, default=None)
    times = Integer(null=False, default=1)
    first_at = Timestamptz(null=False, default=None)
    last_at = Timestamptz(null=False, default=None)
    error = Text(null=False, default="")


declare(
    Constraint(
        "territory",
        "slug_form",
        "CHECK (slug ~ '^[a-z0-9](-?[a-z0-9])*$')",
        "Le nom court ne peut contenir que des lettres minuscules, des chiffres et des tirets.",
    ),
    Index("code", "entry", "(list, code)", unique=True),
    Index("sector", "code", "(territory_id, code)", unique=True),
    Index("area", "name", "(territory_id, search_key)"),
    Reference("sector_area", "sector_id", "sector"),
    Reference("sector_area", "area_id", "area"),
    Index("sector_area", "once", "(territory_id, sector_id, area_id)", unique=True),
    Index("setting", "latest", "(territory_id, plugin, name, starts_on, id)"),
    GlobalReference("setting", "by", "account"),
    GlobalReference("plugin_enablement", "by", "account"),
    Index("plugin_enablement", "latest", "(territory_id, plugin, id)"),
    GlobalReference("job_run", "by", "account"),
    Index("job_run", "latest", "(territory_id, job, id)"),
    Index("part_trouble", "once", "(territory_id, day, plugin, part, what)", unique=True),
    Rewritten("part_trouble", "a count of failures, kept for some weeks"),
    Kept("sector"),
    Kept("area"),
    Kept("sector_area"),
)
