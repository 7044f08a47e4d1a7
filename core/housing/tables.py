"""Who houses, in what, and when a place is free."""

from __future__ import annotations

from piccolo.columns import (
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    Date,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from core.kernel.database import ENGINE
from core.kernel.ground import Constraint, GlobalReference, Index, Kept, Reference, declare
from core.kernel.tables import Owned


class Organisation(Table, db=ENGINE, tablename="organisation"):
    """An association, a CCAS, a landlord, a hospital: shared by the territories it works in."""

    id = BigSerial(primary_key=True)
    kind = Text(null=False)
    name = Text(null=False)
    search_key = Text(null=False, default="")
    created_at = Timestamptz(null=False, default=TimestamptzNow())


class TerritoryOrganisation(Owned, Table, db=ENGINE, tablename="territory_organisation"):
    """An organisation at work here, with how to reach it here."""

    organisation_id = BigInt(null=False, default=None)
    phone = Text(null=False, default="")
    email = Text(null=False, default="")
    address = Text(null=False, default="")
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    version = BigInt(null=False, default=1)


class HousingKind(Owned, Table, db=ENGINE, tablename="housing_kind"):
    """A kind of place as this territory defines it from a day on (CHRS, pension de famille…)."""

    code = Text(null=False)
    label = Text(null=False)
    label_en = Text(null=False, default="")
    plain = Text(null=False, default="")
    device = Text(null=False, default="hebergement")
    audience = Text(null=False, default="")
    contract = Text(null=False, default="")
    stay = Text(null=False, default="")
    stay_months_max = SmallInt(null=True, default=None)
    review_months = SmallInt(null=True, default=None)
    unit_counted = Text(null=False, default="persons")
    lease_kind = Text(null=False, default="sejour")
    decides = Text(null=False, default="structure")
    lawful_stay_required = Boolean(null=False, default=False)
    age_min = SmallInt(null=True, default=None)
    age_max = SmallInt(null=True, default=None)
    effort_percent_max = SmallInt(null=True, default=None)
    """The funder's rule: the most of its resources a household may spend here; NULL, no rule."""
    number_required = Boolean(null=False, default=False)
    """Whether a place is only given on a social housing number."""
    source = Text(null=False, default="")
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)


class Programme(Owned, Table, db=ENGINE, tablename="programme"):
    """A set of places run by an organisation at an address: what a worker calls "la structure"."""

    ref = Text(null=False)
    organisation_id = BigInt(null=False, default=None)
    name = Text(null=False)
    search_key = Text(null=False, default="")
    area_id = BigInt(null=True, default=None)
    address = Text(null=False, default="")
    phone = Text(null=False, default="")
    description = Text(null=False, default="")
    house_rules = Text(null=False, default="")
    animals = SmallInt(null=True, default=None)
    audience = Array(base_column=Text(), default=list)
    compositions = Array(base_column=SmallInt(), null=True, default=None)
    """SI-SIAO codes of the households it takes; NULL or empty, all."""
    age_min = SmallInt(null=True, default=None)
    age_max = SmallInt(null=True, default=None)
    """Of the main person, both included; NULL, what the kind says."""
    support = SmallInt(null=True, default=None)
    """The most intense support it gives, 0 to 4; NULL, not known."""
    opened_on = Date(null=False, default=None)
    closed_on = Date(null=True, default=None)
    version = BigInt(null=False, default=1)


class ProgrammeKind(Owned, Table, db=ENGINE, tablename="programme_kind"):
    """What kind a programme is, from a day on. A change protects those who live there."""

    programme_id = BigInt(null=False, default=None)
    kind = Text(null=False)
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    why = Text(null=False, default="")
    by = BigInt(null=True, default=None)


class HousingUnit(Owned, Table, db=ENGINE, tablename="housing_unit"):
    """A place: a room, a bed, a flat. A modulable one is divided: then its leaves are placed."""

    ref = Text(null=False)
    programme_id = BigInt(null=False, default=None)
    parent_id = BigInt(null=True, default=None)
    label = Text(null=False)
    typology = Text(null=False, default="")
    min_persons = SmallInt(null=False, default=1)
    max_persons = SmallInt(null=False, default=1)
    accessible = SmallInt(null=True, default=None)
    floor = SmallInt(null=True, default=None)
    area_id = BigInt(null=True, default=None)
    surface_m2 = SmallInt(null=True, default=None)
    cost_cents = BigInt(null=True, default=None)
    compositions = Array(base_column=SmallInt(), null=True, default=None)
    """Narrower than its programme's; NULL or empty, the same."""
    modulable = Boolean(null=False, default=False)
    opened_on = Date(null=False, default=None)
    closed_on = Date(null=True, default=None)
    version = BigInt(null=False, default=1)


class Vacancy(Owned, Table, db=ENGINE, tablename="vacancy"):
    """A unit that is free from a day on. state: declared, held, filled, given_back, frozen."""

    ref = Text(null=False)
    unit_id = BigInt(null=False, default=None)
    kind = Text(null=False)
    state = Text(null=False, default="declared")
    free_on = Date(null=False, default=None)
    closed_on = Date(null=True, default=None)
    held_until = Timestamptz(null=True, default=None)
    frozen_until = Date(null=True, default=None)
    draw_seed = Bytea(null=False, default=None)
    note = Text(null=False, default="")
    declared_by = BigInt(null=True, default=None)
    declared_at = Timestamptz(null=False, default=None)
    version = BigInt(null=False, default=1)


class VacancyState(Owned, Table, db=ENGINE, tablename="vacancy_state"):
    """Each change of a vacancy's state: when, by whom, why."""

    vacancy_id = BigInt(null=False, default=None)
    state = Text(null=False)
    verb = Text(null=False)
    at = Timestamptz(null=False, default=None)
    by = BigInt(null=True, default=None)
    reason = Text(null=False, default="")


declare(
    GlobalReference("territory_organisation", "organisation_id", "organisation"),
    Index("territory_organisation", "once", "(territory_id, organisation_id)", unique=True),
    Index("organisation", "name", "(search_key, id)"),
    Index("housing_kind", "from", "(territory_id, code, starts_on)", unique=True),
    Constraint(
        "housing_kind",
        "shelter_for_all",
        "CHECK (NOT (lawful_stay_required AND device IN ('hebergement', 'soin')))",
        "Un hébergement ne demande jamais de titre de séjour.",
    ),
    Constraint(
        "housing_kind",
        "conditions",
        "CHECK (effort_percent_max BETWEEN 1 AND 100 AND age_min >= 0 AND age_max >= age_min)",
        "Vérifiez les âges et la part des ressources.",
    ),
    GlobalReference("programme", "organisation_id", "organisation"),
    Reference("programme", "area_id", "area"),
    Index("programme", "ref", "(territory_id, ref)", unique=True),
    Index("programme", "name", "(territory_id, search_key, id)"),
    Reference("programme_kind", "programme_id", "programme"),
    Constraint(
        "programme_kind",
        "one_at_a_time",
        "EXCLUDE USING gist (int8range(programme_id, programme_id, '[]') WITH &&, "
        "daterange(starts_on, ends_on, '[)') WITH &&)",
        "Une structure ne peut avoir qu’un seul type à la fois.",
    ),
    Reference("housing_unit", "programme_id", "programme"),
    Reference("housing_unit", "parent_id", "housing_unit"),
    Reference("housing_unit", "area_id", "area"),
    Index("housing_unit", "ref", "(territory_id, ref)", unique=True),
    Index("housing_unit", "programme", "(territory_id, programme_id, label, id)"),
    Constraint(
        "housing_unit",
        "persons",
        "CHECK (min_persons >= 1 AND max_persons >= min_persons)",
        "Le nombre maximum de personnes doit être au moins égal au minimum.",
    ),
    Reference("vacancy", "unit_id", "housing_unit"),
    Index("vacancy", "ref", "(territory_id, ref)", unique=True),
    Index(
        "vacancy",
        "open",
        "(territory_id, unit_id) WHERE state IN ('declared', 'held', 'frozen')",
        unique=True,
        message="Une vacance est déjà ouverte pour ce logement.",
    ),
    Index("vacancy", "queue", "(territory_id, state, free_on, id)"),
    Constraint(
        "vacancy",
        "state",
        "CHECK (state IN ('declared', 'held', 'filled', 'given_back', 'frozen'))",
    ),
    Reference("vacancy_state", "vacancy_id", "vacancy"),
    Index("vacancy_state", "vacancy", "(territory_id, vacancy_id, id)"),
    Kept("territory_organisation", versioned=True),
    Kept("housing_kind"),
    Kept("programme", but=("search_key",), versioned=True),
    Kept("programme_kind"),
    Kept("housing_unit", versioned=True),
    Kept("vacancy", but=("state", "closed_on"), versioned=True),
)
