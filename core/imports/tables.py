"""Files of demandes that came in: each run, its chunks, and what each row became."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    BigInt,
    Bytea,
    Integer,
    Text,
    Timestamptz,
)
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


class ColumnMapping(Owned, Table, db=ENGINE, tablename="column_mapping"):
    """How a team's headers map to our fields, remembered by the fingerprint of the header."""

    fingerprint = Text(null=False)
    mapping = JSONB(null=False, default="{}")
    by = BigInt(null=True, default=None)
    at = Timestamptz(null=False, default=None)


class ImportRun(Owned, Table, db=ENGINE, tablename="import_run"):
    """One import. state: running (one that is silent for long was stopped), done, refused,
    reverting (`reverted_at`: when it last took something away), reverted.

    `mapping` is the one it reads with; `stored_as` names the kept file, '' once it is gone or
    when it came from a command. `undo`: how far an undoing is (`reverting.Undoing`). `beat_at`:
    when somebody was last sent to work on it; `failed_at` and `failure` (a kind of error, never its
    words): how the last try ended; `tries`: how many since it last got further.
    """

    ref = Text(null=False)
    file_name = Text(null=False)
    file_hash = Bytea(null=False, default=None)
    state = Text(null=False, default="running")
    dry_run = Integer(null=False, default=0)
    total_lines = Integer(null=False, default=0)
    done_lines = Integer(null=False, default=0)
    report = JSONB(null=False, default="{}")
    started_at = Timestamptz(null=False, default=None)
    started_by = BigInt(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    reverted_at = Timestamptz(null=True, default=None)
    reverted_by = BigInt(null=True, default=None)
    mapping = JSONB(null=False, default="{}")
    stored_as = Text(null=False, default="")
    undo = JSONB(null=False, default="{}")
    beat_at = Timestamptz(null=True, default=None)
    failed_at = Timestamptz(null=True, default=None)
    failure = Text(null=False, default="")
    tries = Integer(null=False, default=0)


class ImportedDemande(Owned, Table, db=ENGINE, tablename="imported_demande"):
    """What the files last said of a demande, by its number there: the third side of a comparison.

    A second reading that says the same (`digest`) has nothing to do. `said` tells whether a value
    that differs was changed in the file, here, or on both sides. One row per demande; what it
    held before is in `import_change`. `household_id` repeats the demande's, which is referred to.
    """

    key = Text(null=False)
    request_id = BigInt(null=False, default=None)
    household_id = BigInt(null=False, default=None)
    digest = Text(null=False)
    said = JSONB(null=False, default="{}")
    run_id = BigInt(null=False, default=None)
    line = Integer(null=False, default=None)
    at = Timestamptz(null=False, default=None)


class ImportChunk(Owned, Table, db=ENGINE, tablename="import_chunk"):
    """A recorded part of a run: lines from-to, committed together; the run resumes after it."""

    run_id = BigInt(null=False, default=None)
    number = Integer(null=False, default=None)
    first_line = Integer(null=False, default=None)
    last_line = Integer(null=False, default=None)
    counts = JSONB(null=False, default="{}")
    problems = JSONB(null=False, default="[]")
    at = Timestamptz(null=False, default=None)


class ImportChange(Owned, Table, db=ENGINE, tablename="import_change"):
    """A row that a run made or changed, with what was there before: a revert reads it."""

    run_id = BigInt(null=False, default=None)
    chunk = Integer(null=False, default=None)
    line = Integer(null=False, default=None)
    object_kind = Text(null=False)
    object_id = BigInt(null=False, default=None)
    act = Text(null=False)
    before = JSONB(null=True, default=None)
    after = JSONB(null=True, default=None)


class ImportFlag(Owned, Table, db=ENGINE, tablename="import_flag"):
    """Something a person must look at: a possible duplicate, a newer local value."""

    run_id = BigInt(null=False, default=None)
    line = Integer(null=False, default=None)
    code = Text(null=False)
    household_id = BigInt(null=True, default=None)
    person_id = BigInt(null=True, default=None)
    other_person_id = BigInt(null=True, default=None)
    field = Text(null=False, default="")
    details = JSONB(null=False, default="{}")
    settled_at = Timestamptz(null=True, default=None)
    settled_by = BigInt(null=True, default=None)
    settled_as = Text(null=False, default="")


class ImportName(Owned, Table, db=ENGINE, tablename="import_name"):
    """What a name that files use means here, said once by somebody. kind: commune, prescriber.

    `key`: its `search_key`; `said`: as the file writes it. Neither a sector nor an organisation:
    it is nobody's here, and is not asked again.
    """

    kind = Text(null=False)
    key = Text(null=False)
    said = Text(null=False)
    sector_id = BigInt(null=True, default=None)
    organisation_id = BigInt(null=True, default=None)
    by = BigInt(null=True, default=None)
    at = Timestamptz(null=False, default=None)


declare(
    Index("column_mapping", "once", "(territory_id, fingerprint)", unique=True),
    Index("import_name", "once", "(territory_id, kind, key)", unique=True),
    Constraint("import_name", "kind", "CHECK (kind IN ('commune', 'prescriber'))"),
    Reference("import_name", "sector_id", "sector"),
    GlobalReference("import_name", "organisation_id", "organisation"),
    GlobalReference("import_name", "by", "account"),
    Index("import_run", "ref", "(territory_id, ref)", unique=True),
    GlobalReference("import_run", "started_by", "account"),
    Reference("import_chunk", "run_id", "import_run"),
    Index("import_chunk", "once", "(territory_id, run_id, number)", unique=True),
    Reference("import_change", "run_id", "import_run"),
    Index("import_change", "run", "(territory_id, run_id, id)"),
    Index("import_change", "object", "(territory_id, object_kind, object_id)"),
    Index("imported_demande", "key", "(territory_id, key)", unique=True),
    Reference("imported_demande", "request_id", "housing_request"),
    Index("imported_demande", "request", "(territory_id, request_id)"),
    Reference("imported_demande", "run_id", "import_run"),
    Reference("import_flag", "run_id", "import_run"),
    Index("import_flag", "run", "(territory_id, run_id)"),
    Index("import_flag", "open", "(territory_id, id) WHERE settled_at IS NULL"),
    Kept("column_mapping"),
    Kept("import_name"),
    Rewritten("import_run", "how far a run is; what it changed is in import_change"),
    Kept("import_chunk"),
    Kept("import_change"),
    Rewritten("imported_demande", "what the file said before is in import_change"),
    Rewritten("import_flag", "settled once: who, when and how are on the row itself"),
)
