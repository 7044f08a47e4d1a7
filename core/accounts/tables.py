"""Who may come in: accounts, sessions, roles by territory, code cards, mandates, portfolios."""

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


class Account(Table, db=ENGINE, tablename="account"):
    """Someone who may sign in. A resident's account holds no name: the person's row does."""

    id = BigSerial(primary_key=True)
    kind = Text(null=False)  # professional, resident
    name = Text(null=False, default="")
    email = Text(null=True, default=None)
    phone = Text(null=False, default="")
    password = Text(null=True, default=None)
    must_change = Boolean(null=False, default=False)
    created_at = Timestamptz(null=False, default=TimestamptzNow())
    disabled_at = Timestamptz(null=True, default=None)


class Session(Table, db=ENGINE, tablename="session"):
    """A signed-in browser. Only its cookie's hash is kept; an unknown cookie is never adopted.

    `mandate_id`: a worker acts for a person there, as long as that authorisation holds. It names
    a row of one territory and is read inside that territory alone.
    """

    hash = Bytea(primary_key=True, null=False, default=None)
    account_id = BigInt(null=False, default=None)
    mandate_id = BigInt(null=True, default=None)
    face = Text(null=False)
    shared_device = SmallInt(null=False, default=1)
    created_at = Timestamptz(null=False, default=TimestamptzNow())
    seen_at = Timestamptz(null=False, default=TimestamptzNow())
    expires_at = Timestamptz(null=False, default=None)
    revoked_at = Timestamptz(null=True, default=None)


class Throttle(Table, db=ENGINE, tablename="throttle"):
    """How many tries a key had in its current window, counted by one atomic upsert."""

    key = Bytea(primary_key=True, null=False, default=None)
    window_start = Timestamptz(null=False, default=None)
    count = SmallInt(null=False, default=0)


class RoleGrant(Owned, Table, db=ENGINE, tablename="role_grant"):
    """A role an account has here, from a day to a day, at an organisation if the role needs one."""

    account_id = BigInt(null=False, default=None)
    role = Text(null=False)
    organisation_id = BigInt(null=True, default=None)
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    granted_by = BigInt(null=True, default=None)


class ResidentAccount(Owned, Table, db=ENGINE, tablename="resident_account"):
    """The person of this territory that a resident's account stands for."""

    account_id = BigInt(null=False, default=None)
    person_id = BigInt(null=False, default=None)


class AccessCode(Owned, Table, db=ENGINE, tablename="access_code"):
    """A code card: only its hash, single use, one live card per person."""

    person_id = BigInt(null=False, default=None)
    hash = Bytea(null=False, default=None)
    issued_at = Timestamptz(null=False, default=None)
    issued_by = BigInt(null=True, default=None)
    expires_at = Timestamptz(null=False, default=None)
    used_at = Timestamptz(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)
    fails = SmallInt(null=False, default=0)


class ReturnCode(Owned, Table, db=ENGINE, tablename="return_code"):
    """One code of the sheet of ten that a resident comes back with: only its hash, single use.

    Codes of one sheet share `issued_at`. `issued_by`: the worker or the resident who took it;
    none for the demonstration's.
    """

    person_id = BigInt(null=False, default=None)
    number = SmallInt(null=False, default=1)
    hash = Bytea(null=False, default=None)
    issued_at = Timestamptz(null=False, default=None)
    issued_by = BigInt(null=True, default=None)
    expires_at = Timestamptz(null=False, default=None)
    used_at = Timestamptz(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)
    fails = SmallInt(null=False, default=0)


class Mandate(Owned, Table, db=ENGINE, tablename="mandate"):
    """A person lets a worker act with them: what for, from when to when. Ends in time."""

    person_id = BigInt(null=False, default=None)
    account_id = BigInt(null=False, default=None)
    scope = Array(base_column=Text(), default=list)
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    given_how = Text(null=False, default="")
    revoked_at = Timestamptz(null=True, default=None)


class CircleMember(Owned, Table, db=ENGINE, tablename="circle_member"):
    """Somebody close to a person (family, friend, neighbour), with no account here, let to receive
    what is sent to them. Ends in time.

    `tie`: a key of `circle.TIES`. `scope`: keys of `circle.SCOPES`. `by`: who noted it.
    """

    ref = Text(null=False)
    person_id = BigInt(null=False, default=None)
    name = Text(null=False)
    tie = Text(null=False, default="other")
    phone = Text(null=False, default="")
    email = Text(null=False, default="")
    address = Text(null=False, default="")
    scope = Array(base_column=Text(), default=list)
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    given_how = Text(null=False, default="")
    revoked_at = Timestamptz(null=True, default=None)
    by = BigInt(null=True, default=None)


class Portfolio(Owned, Table, db=ENGINE, tablename="portfolio"):
    """The files that come to a worker by default: a sector, a public, or both."""

    account_id = BigInt(null=False, default=None)
    sector_id = BigInt(null=True, default=None)
    public = Text(null=False, default="")
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)


class Absence(Owned, Table, db=ENGINE, tablename="absence"):
    """A worker away from a day to a day, or gone for good (no end): files were handed over."""

    account_id = BigInt(null=False, default=None)
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=True, default=None)
    kind = Text(null=False, default="absence")
    recorded_by = BigInt(null=True, default=None)


class Search(Owned, Table, db=ENGINE, tablename="search"):
    """What somebody typed in a search box: kept here for hours, so that no address holds a name."""

    ref = Text(null=False)
    account_id = BigInt(null=False, default=None)
    text = Text(null=False)
    at = Timestamptz(null=False, default=None)
    expires_at = Timestamptz(null=False, default=None)


class KeptAnswer(Owned, Table, db=ENGINE, tablename="kept_answer"):
    """A page that answered a form, sealed: its key needs the reference, which is not kept here."""

    name = Text(null=False)
    account_id = BigInt(null=True, default=None)
    mark = Text(null=False)
    sealed = Bytea(null=False, default=b"")
    at = Timestamptz(null=False, default=None)
    expires_at = Timestamptz(null=False, default=None)


declare(
    Constraint("account", "kind", "CHECK (kind IN ('professional', 'resident'))"),
    Index(
        "account",
        "email",
        "(lower(email)) WHERE email IS NOT NULL",
        unique=True,
        message="Un compte existe déjà avec cette adresse.",
    ),
    GlobalReference("session", "account_id", "account"),
    Index("session", "account", "(account_id) WHERE revoked_at IS NULL"),
    GlobalReference("role_grant", "account_id", "account"),
    GlobalReference("role_grant", "organisation_id", "organisation"),
    Index("role_grant", "account", "(territory_id, account_id)"),
    GlobalReference("resident_account", "account_id", "account"),
    Reference("resident_account", "person_id", "person"),
    Index("resident_account", "account", "(territory_id, account_id)", unique=True),
    Index("resident_account", "person", "(territory_id, person_id)", unique=True),
    Reference("access_code", "person_id", "person"),
    Index("access_code", "hash", "(territory_id, hash)", unique=True),
    Index(
        "access_code",
        "live",
        "(territory_id, person_id) WHERE used_at IS NULL AND voided_at IS NULL",
        unique=True,
        message="Cette personne a déjà un code valable.",
    ),
    Reference("return_code", "person_id", "person"),
    Index("return_code", "hash", "(territory_id, hash)", unique=True),
    Index("return_code", "person", "(territory_id, person_id, issued_at)"),
    Rewritten("return_code", "a secret that is spent: each use and end has its own column"),
    Reference("mandate", "person_id", "person"),
    GlobalReference("mandate", "account_id", "account"),
    Index("mandate", "person", "(territory_id, person_id)"),
    GlobalReference("portfolio", "account_id", "account"),
    Reference("portfolio", "sector_id", "sector"),
    GlobalReference("absence", "account_id", "account"),
    Kept("role_grant"),
    Kept("resident_account"),
    Rewritten("access_code", "a secret that is spent: each use and end has its own column"),
    Kept("mandate"),
    Reference("circle_member", "person_id", "person"),
    GlobalReference("circle_member", "by", "account"),
    Index("circle_member", "ref", "(territory_id, ref)", unique=True),
    Index("circle_member", "person", "(territory_id, person_id, id)"),
    Kept("circle_member"),
    Kept("portfolio"),
    Kept("absence"),
    Rewritten("search", "what somebody typed, for some hours"),
    GlobalReference("search", "account_id", "account"),
    Index("search", "mine", "(territory_id, account_id, ref)", unique=True),
    Rewritten("kept_answer", "a page that was shown, sealed, for an hour"),
    GlobalReference("kept_answer", "account_id", "account"),
    Index("kept_answer", "name", "(territory_id, name)", unique=True),
    Index("kept_answer", "whose", "(territory_id, account_id, mark, id)"),
    Index("kept_answer", "old", "(territory_id, expires_at)"),
)
