"""The wall in the ground: row-level security, and the promises of tables laid under it.

`seuil migrate` ends here. `lay` brings the database to exactly what each `tables.py` declares
(`core.kernel.promises`), under an advisory lock, and changes nothing that already stands. Every
object it makes is named `sl_…`, and a `sl_…` object that nobody declares any more is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import asyncpg

from core.kernel.errors import SeuilError
from core.kernel.journals import IN_TERRITORY, JOURNALS, lay_journals
from core.kernel.past import Kept, Rewritten, lay_past
from core.kernel.promises import (
    GROWING,
    PASTS,
    PROMISES,
    Constraint,
    Erasable,
    GlobalReference,
    Index,
    Reference,
    bare_name,
    declare,
    message_of,
    only_grows,
)
from core.kernel.roles import APP

__all__ = [
    "JOURNALS",
    "Constraint",
    "Erasable",
    "GlobalReference",
    "Index",
    "Kept",
    "Reference",
    "Rewritten",
    "declare",
    "message_of",
    "only_grows",
]
"""What a `tables.py` declares with, beside what lays it here."""

LOCK = 0x5E01

GLOBAL_TABLES = frozenset(
    {
        "territory",
        "account",
        "identity",
        "organisation",
        "code",
        "session",
        "throttle",
        "migration",
    }
)
"""The only tables without a territory. Anything else must have one, and a policy."""

DERIVED = frozenset({"person_variant", "spelling"})
"""Rows computed from others, several for one: they may do without a key of their own.

A word is only ever read by joining the person it finds, in the same territory, so one whose
person is gone finds nobody; checking two keys for each was a third of an import.
"""


_DEFAULT = "nullif(current_setting('seuil.territory', true), '')::int"


async def lay(owner: asyncpg.Connection, schema: str | None = None) -> None:
    """Bring keys, promises, grants and policies to what is declared.

    With a `schema`, of its tables only: core's ground and each plugin's are laid apart, and what a
    plugin left when it was uninstalled is not touched.
    """
    await owner.execute(f"SELECT pg_advisory_lock({LOCK})")
    try:
        async with owner.transaction():
            tables = {
                name: columns
                for name, columns in (await _tables(owner)).items()
                if schema is None or _schema_of(name) == schema
            }
            implied = await _implied(owner, tables)
            await _lay_keys(owner, tables, implied)
            await _lay_promises(owner, tables, implied)
            await _lay_wall(owner, tables)
            await lay_journals(owner, tables)
            await lay_past(owner, tables, PASTS.values())
    finally:
        await owner.execute(f"SELECT pg_advisory_unlock({LOCK})")


async def _tables(owner: asyncpg.Connection) -> dict[str, set[str]]:
    """Each table of ours (schema-qualified outside public) with its columns."""
    rows = await owner.fetch(
        """SELECT CASE WHEN n.nspname = 'public' THEN c.relname
                       ELSE n.nspname || '.' || c.relname END AS name,
                  array_agg(a.attname::text) AS columns
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
           WHERE c.relkind IN ('r', 'p')
             AND (n.nspname = 'public' OR n.nspname LIKE 'plugin\\_%')
           GROUP BY 1 ORDER BY 1"""
    )
    return {r["name"]: set(r["columns"]) for r in rows}


def _schema_of(table: str) -> str:
    return table.rpartition(".")[0] or "public"


async def _existing(owner: asyncpg.Connection, tables: Iterable[str]) -> set[str]:
    """The names of our keys, promises and indexes on these tables."""
    rows = await owner.fetch(
        """WITH ours AS (
             SELECT conname::text AS name, conrelid AS t FROM pg_constraint
             WHERE conname LIKE 'sl\\_%' AND contype <> 'n'
             UNION SELECT c.relname::text, i.indrelid
             FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
             WHERE c.relname LIKE 'sl\\_%')
           SELECT ours.name, n.nspname::text AS schema, c.relname::text AS bare
           FROM ours JOIN pg_class c ON c.oid = ours.t JOIN pg_namespace n ON n.oid = c.relnamespace
        """
    )
    wanted = set(tables)
    return {
        r["name"]
        for r in rows
        if (r["bare"] if r["schema"] == "public" else f"{r['schema']}.{r['bare']}") in wanted
    }


async def _implied(owner: asyncpg.Connection, tables: dict[str, set[str]]) -> set[str]:
    """The keys that follow from what is declared, by name.

    `(territory_id, id)` is unique where a reference points. The territory has a key of its own
    unless a reference that is never null leads to a row that has one: a check per row saved, and
    it is a write that all of them would make on the territory's single row.
    """
    never_null = {
        (r["t"], r["c"])
        for r in await owner.fetch(
            """SELECT attrelid::regclass::text AS t, attname::text AS c FROM pg_attribute
               WHERE attnum > 0 AND attnotnull AND NOT attisdropped"""
        )
    }
    references = [p for p in PROMISES.values() if isinstance(p, Reference)]
    aimed = {p.target for p in references} | {
        # A plugin that was uninstalled declares nothing any more, and its rows still point here.
        r["t"]
        for r in await owner.fetch(
            """SELECT DISTINCT k.confrelid::regclass::text AS t
               FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
               JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE k.contype = 'f' AND n.nspname LIKE 'plugin\\_%'"""
        )
    }
    led = {
        p.table for p in references
        if (p.table, p.column) in never_null and p.target != p.table and p.on_delete == "NO ACTION"
    } | DERIVED  # fmt: skip
    return {
        name
        for t, columns in tables.items()
        if "territory_id" in columns
        for name, needed in (
            (f"sl_{bare_name(t)}_tid"[:63], t in aimed and "id" in columns),
            (f"sl_{bare_name(t)}_territory_fk"[:63], t not in led),
        )
        if needed
    }


async def _lay_keys(
    owner: asyncpg.Connection, tables: dict[str, set[str]], implied: set[str]
) -> None:
    """`(territory_id, id)` unique and the territory's own key, where they are implied."""
    have = await _existing(owner, tables)
    for table, columns in tables.items():
        if "territory_id" not in columns:
            if table not in GLOBAL_TABLES:
                raise SeuilError(f"table {table} has no territory and is not listed as global")
            continue
        await owner.execute(f"ALTER TABLE {table} ALTER COLUMN territory_id SET DEFAULT {_DEFAULT}")
        if (name := f"sl_{bare_name(table)}_tid"[:63]) in implied - have:
            await owner.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE (territory_id, id)"
            )
        if (name := f"sl_{bare_name(table)}_territory_fk"[:63]) in implied - have:
            await owner.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} "
                f"FOREIGN KEY (territory_id) REFERENCES territory (id)"
            )


async def _lay_promises(
    owner: asyncpg.Connection, tables: dict[str, set[str]], implied: set[str]
) -> None:
    have = await _existing(owner, tables)
    here = {n: p for n, p in PROMISES.items() if p.table in tables}
    # references go before the unique keys that they lean on
    for name in sorted(have - set(here) - implied, key=lambda n: (not n.endswith("_fk"), n)):
        found = await owner.fetchval(
            "SELECT conrelid::regclass::text FROM pg_constraint WHERE conname = $1", name
        )
        if found:
            await owner.execute(f"ALTER TABLE {found} DROP CONSTRAINT {name}")
        else:
            at = await owner.fetchval(
                "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'i' AND relname = $1",
                name,
            )
            await owner.execute(f"DROP INDEX {at}")
    order: Sequence[type] = (Index, Constraint, GlobalReference, Reference)
    for promise in sorted(here.values(), key=lambda p: order.index(type(p))):
        if promise.name not in have:
            await owner.execute(promise.ddl)


async def _lay_wall(owner: asyncpg.Connection, tables: dict[str, set[str]]) -> None:
    """Grants for the serving role, and the policy on every table of a territory."""
    policies = {
        r["t"] if r["s"] == "public" else f"{r['s']}.{r['t']}"
        for r in await owner.fetch(
            "SELECT schemaname::text AS s, tablename::text AS t FROM pg_policies"
        )
    }
    for table, columns in tables.items():
        if table == "migration":
            await owner.execute(f"GRANT SELECT ON {table} TO {APP}")
            continue
        if (schema := _schema_of(table)) != "public":
            await owner.execute(f"GRANT USAGE ON SCHEMA {schema} TO {APP}")
        grows = table in JOURNALS | GROWING
        rights = "SELECT, INSERT" if grows else "SELECT, INSERT, UPDATE, DELETE"
        await owner.execute(f"GRANT {rights} ON {table} TO {APP}")
        if "territory_id" not in columns:
            continue
        await owner.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        if table not in policies:
            await owner.execute(
                f"CREATE POLICY sl_territory ON {table} USING ({IN_TERRITORY}) "
                f"WITH CHECK ({IN_TERRITORY})"
            )
    for schema in {_schema_of(table) for table in tables}:
        await owner.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {APP}")
