"""Whether the wall stands: what a database lacks of what the ground promises."""

from __future__ import annotations

import asyncpg

from core.kernel.ground import GLOBAL_TABLES
from core.kernel.past import past_faults
from core.kernel.promises import PASTS


async def wall_faults(connection: asyncpg.Connection) -> list[str]:
    """What is missing from the wall: for `seuil doctor` and the tests. Empty when it stands."""
    faults = []
    for r in await connection.fetch(
        """SELECT CASE WHEN n.nspname = 'public' THEN c.relname
                       ELSE n.nspname || '.' || c.relname END AS name, c.relrowsecurity AS walled,
                  EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid
                          AND a.attname = 'territory_id' AND NOT a.attisdropped) AS owned,
                  (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) AS policies
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind IN ('r', 'p')
             AND (n.nspname = 'public' OR n.nspname LIKE 'plugin\\_%')"""
    ):
        if not r["owned"] and r["name"] not in GLOBAL_TABLES:
            faults.append(f"{r['name']}: no territory, and not listed as global")
        if r["owned"] and not (r["walled"] and r["policies"]):
            faults.append(f"{r['name']}: no row-level security policy")
    for r in await connection.fetch(
        """SELECT k.conname::text AS name, k.conrelid::regclass::text AS t
           FROM pg_constraint k WHERE k.contype = 'f'
             AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.conrelid
                         AND a.attname = 'territory_id')
             AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.confrelid
                         AND a.attname = 'territory_id')
             AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.conrelid
                             AND a.attname = 'territory_id' AND a.attnum = ANY (k.conkey))"""
    ):
        faults.append(f"{r['t']}: the reference {r['name']} may cross territories")
    return faults + await past_faults(connection, PASTS.values())
