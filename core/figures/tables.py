"""What was counted, and what each structure was shown of its own figures before everybody."""

from __future__ import annotations

from piccolo.columns import JSONB, BigInt, Date, Text, Timestamptz
from piccolo.table import Table

from core.kernel.database import ENGINE
from core.kernel.ground import Constraint, GlobalReference, Index, Kept, Rewritten, declare
from core.kernel.tables import Owned


class FigureRollup(Owned, Table, db=ENGINE, tablename="figure_rollup"):
    """The figures of one page as they stood at `made_at`: a page reads this row and counts nothing.

    what: waits, outcomes, fairness, vacancies (`rollups.ROLLUPS`).
    """

    what = Text(null=False)
    values = JSONB(null=False, default="{}")
    made_at = Timestamptz(null=False, default=None)


class FigurePublication(Owned, Table, db=ENGINE, tablename="figure_publication"):
    """A structure's own figures of a period: a draft it alone reads and comments, then everybody's.

    The period goes from `starts_on` up to, and without, `ends_on`. `values` is what was counted
    when it was drafted; it never changes afterwards.
    """

    ref = Text(null=False)
    organisation_id = BigInt(null=False, default=None)
    starts_on = Date(null=False, default=None)
    ends_on = Date(null=False, default=None)
    values = JSONB(null=False, default="{}")
    drafted_at = Timestamptz(null=False, default=None)
    drafted_by = BigInt(null=True, default=None)
    comment_until = Date(null=False, default=None)
    comment = Text(null=False, default="")
    commented_at = Timestamptz(null=True, default=None)
    commented_by = BigInt(null=True, default=None)
    published_at = Timestamptz(null=True, default=None)
    version = BigInt(null=False, default=1)


declare(
    Index("figure_rollup", "what", "(territory_id, what)", unique=True),
    Rewritten("figure_rollup", "computed from the lists and the referrals, as they stand"),
    Index("figure_publication", "ref", "(territory_id, ref)", unique=True),
    Index(
        "figure_publication",
        "once",
        "(territory_id, ends_on, organisation_id)",
        unique=True,
        message="Les chiffres de cette période sont déjà préparés.",
    ),
    Index("figure_publication", "due", "(territory_id, comment_until) WHERE published_at IS NULL"),
    GlobalReference("figure_publication", "organisation_id", "organisation"),
    GlobalReference("figure_publication", "drafted_by", "account"),
    GlobalReference("figure_publication", "commented_by", "account"),
    Constraint(
        "figure_publication",
        "dates",
        "CHECK (ends_on > starts_on)",
        "La fin de la période doit suivre son début.",
    ),
    Kept("figure_publication", versioned=True),
)
