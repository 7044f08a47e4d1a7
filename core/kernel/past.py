"""What a row held before it changed: the database keeps it, whoever writes, with author and date.

Each `tables.py` says of its tables, beside its other promises, which are `Kept` and which are
`Rewritten`; those of `ground.JOURNALS` only grow. A trigger on a kept table writes the values that
an UPDATE replaces into `past_version`, in the same transaction: a service cannot forget it, and a
bulk statement keeps the past of each row. Who and when are the Unit's (`seuil.actor`, `seuil.now`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg


@dataclass(frozen=True)
class Kept:
    """Rows of `table` may change; what they held stays readable, with who replaced it and when.

    `but`: columns that are computed from others, or whose past is in a journal of their own (a
    state, in its `*_state` table). `versioned`: the row has a `version` that a form carries; each
    change of what is kept moves it on, so that a second editor is told.
    """

    table: str
    but: tuple[str, ...] = ()
    versioned: bool = False

    @property
    def name(self) -> str:
        return f"sl_{self.table.replace('.', '_')}_past"


@dataclass(frozen=True)
class Rewritten:
    """Rows of `table` hold no fact of their own: `why` says so. Their past is not kept."""

    table: str
    why: str

    @property
    def name(self) -> str:
        return f"sl_{self.table.replace('.', '_')}_past"


KEEP = """
CREATE OR REPLACE FUNCTION sl_keep_past() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was jsonb;
  row_now jsonb := to_jsonb(NEW);
  number bigint;
  name text := CASE TG_TABLE_SCHEMA WHEN 'public' THEN TG_TABLE_NAME
                    ELSE TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME END;
BEGIN
  SELECT jsonb_object_agg(o.key, o.value) INTO was FROM jsonb_each(to_jsonb(OLD)) o
  WHERE o.value IS DISTINCT FROM row_now -> o.key AND NOT o.key = ANY (TG_ARGV[1:]);
  IF was IS NULL THEN
    RETURN NEW;
  END IF;
  IF TG_ARGV[0] = 'versioned' THEN
    number := OLD.version;
    NEW.version := OLD.version + 1;
  ELSE
    SELECT coalesce(max(version), 0) + 1 INTO number FROM public.past_version
    WHERE territory_id = OLD.territory_id AND kind = name AND row_id = OLD.id;
  END IF;
  INSERT INTO public.past_version
    (territory_id, kind, row_id, household_id, version, held, replaced_at, replaced_by)
  VALUES (
    OLD.territory_id, name, OLD.id,
    CASE WHEN name = 'household' THEN OLD.id
         ELSE (row_now ->> 'household_id')::bigint END,
    number, was,
    coalesce(nullif(current_setting('seuil.now', true), '')::timestamptz, now()),
    nullif(current_setting('seuil.actor', true), '')::bigint);
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION sl_past_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what a row held before is not rewritten'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

PAST_KEPT, PAST_STANDS = "sl_past_kept", "sl_past_stands"


async def lay_past(
    owner: asyncpg.Connection, tables: Iterable[str], promises: Iterable[Kept | Rewritten]
) -> None:
    """The trigger of each kept table, as declared now; `past_version` itself is not rewritten."""
    here = set(tables)
    if "past_version" in here:
        await owner.execute(KEEP)
        await owner.execute(
            f"CREATE OR REPLACE TRIGGER {PAST_STANDS} BEFORE UPDATE ON past_version "
            "FOR EACH ROW EXECUTE FUNCTION sl_past_stands()"
        )
    wanted = {p.table: p for p in promises if isinstance(p, Kept) and p.table in here}
    for table, promise in wanted.items():
        how = ("versioned", "version") if promise.versioned else ("counted",)
        said = ", ".join(f"'{word}'" for word in (*how, *promise.but))
        await owner.execute(
            f"CREATE OR REPLACE TRIGGER {PAST_KEPT} BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION sl_keep_past({said})"
        )
    for row in await owner.fetch(
        "SELECT tgrelid::regclass::text AS t FROM pg_trigger WHERE tgname = $1", PAST_KEPT
    ):
        if row["t"] in here and row["t"] not in wanted:
            await owner.execute(f"DROP TRIGGER {PAST_KEPT} ON {row['t']}")


async def past_faults(
    connection: asyncpg.Connection, promises: Iterable[Kept | Rewritten]
) -> list[str]:
    """Kept tables of this database whose past would be lost. Empty when the triggers stand."""
    rows = await connection.fetch(
        """SELECT c.oid::regclass::text AS t FROM pg_class c WHERE c.relkind IN ('r', 'p')
           AND NOT EXISTS (SELECT 1 FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgname = $1
                           AND g.tgenabled = 'O')""",
        PAST_KEPT,
    )
    bare = {r["t"] for r in rows}
    return [
        f"{p.table}: what a row held before a change is not kept"
        for p in promises
        if isinstance(p, Kept) and p.table in bare
    ]
