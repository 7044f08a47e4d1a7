"""One Piccolo app brought to its version: its migrations and its ground, all of it or nothing.

Core's app comes first. A plugin's comes in a transaction of its own that may change its schema
`plugin_<name>` and nothing else: one that fails is put back as it was, and its neighbours stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from core.kernel.errors import SeuilError
from core.kernel.ground import lay

if TYPE_CHECKING:
    from piccolo.conf.apps import AppConfig

_ID = re.compile(r"^ID = ['\"]([^'\"]+)['\"]", re.MULTILINE)


def schema_of(app: str) -> str:
    """The schema of an app's tables: public for core, its own for a plugin."""
    return "public" if app == "core" else f"plugin_{app}"


def carried(app: AppConfig) -> set[str]:
    """The migrations that an app carries, read without running its files."""
    folder = Path(app.resolved_migrations_folder_path)
    if not folder.is_dir():
        return set()
    return {
        found.group(1)
        for path in folder.glob("*.py")
        if (found := _ID.search(path.read_text(encoding="utf-8")))
    }


def check_names(apps: Iterable[AppConfig]) -> None:
    """Migration files have names of their own: Piccolo imports them by their bare name, and of two
    files with one name it would run the first twice."""
    seen: dict[str, str] = {}
    for app in apps:
        for path in Path(app.resolved_migrations_folder_path).glob("*.py"):
            if path.stem == "__init__":
                continue
            other = seen.setdefault(path.stem, app.app_name)
            if other != app.app_name:
                raise SeuilError(
                    f"{app.app_name}: its migration {path.name} has the name of one of {other}: "
                    "generate it again, so that its name begins with the plugin's."
                )


async def ran_by_app(connection: asyncpg.Connection) -> dict[str, set[str]]:
    """The migrations that ran, by app."""
    if not await connection.fetchval("SELECT to_regclass('public.migration')"):
        return {}
    found: dict[str, set[str]] = {}
    for row in await connection.fetch("SELECT app_name, name FROM migration"):
        found.setdefault(row["app_name"], set()).add(row["name"])
    return found


async def upgrade(owner: asyncpg.Connection, app: AppConfig, ran: set[str]) -> list[str]:
    """Run what has not run of an app and lay its ground; returns the migrations that ran."""
    # Piccolo's commands are imported by those who migrate, and not by every page.
    from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager

    pending = carried(app) - ran
    if pending:
        result = await ForwardsMigrationManager(app_name=app.app_name).run_migrations(app)
        if not result.success:
            raise SeuilError(f"migration failed: {result.message}")
    await lay(owner, schema_of(app.app_name))
    return sorted(pending)


async def upgrade_plugin(owner: asyncpg.Connection, app: AppConfig, ran: set[str]) -> list[str]:
    """The same for a plugin; SeuilError names it, and then nothing has changed."""
    name, schema = app.app_name, schema_of(app.app_name)
    if ran - carried(app):
        raise SeuilError(
            f"{name}: its tables were made by a newer version of the plugin: install that one."
        )
    try:
        async with owner.transaction():
            if carried(app) == ran:
                return await upgrade(owner, app, ran)
            before = await _outside(owner, schema)
            done = await upgrade(owner, app, ran)
            await _refuse_changes_outside(owner, name, before, await _outside(owner, schema))
            return done
    except SeuilError as error:
        text = str(error)
        raise SeuilError(text if text.startswith(f"{name}:") else f"{name}: {text}") from error
    except Exception as error:
        raise SeuilError(f"{name}: {_why(error, app)}") from error


def _why(error: Exception, app: AppConfig) -> str:
    """What failed and where, without the values that a server's message may quote."""
    kind = type(error).__name__
    folder = str(app.resolved_migrations_folder_path)
    at, trace = "", error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith(folder):
            at = f" in {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    state = getattr(error, "sqlstate", None)
    what = f"{kind}, {state}" if state else kind
    return (
        f"its migration failed{at} ({what}). Nothing of it was kept; the plugin "
        "stays out of the site until `seuil migrate` ends well."
    )


_OUTSIDE: Mapping[str, str] = {
    "structure": """
        SELECT n.nspname || '.' || c.relname || ' ' || a.attname || ' '
               || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull::text || ' '
               || coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS line
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE n.nspname <> $1 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        UNION ALL
        SELECT n.nspname || '.' || c.relname || ' ' || k.conname || ' '
               || pg_get_constraintdef(k.oid)
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname <> $1
        UNION ALL
        SELECT n.nspname || '.' || c.relname || ' ' || t.tgname || ' ' || t.tgenabled::text
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname <> $1 AND NOT t.tgisinternal
        UNION ALL
        SELECT n.nspname || '.' || c.relname || ' ' || p.polname || ' '
               || coalesce(pg_get_expr(p.polqual, p.polrelid), '') || c.relrowsecurity::text
        FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname <> $1
        UNION ALL
        SELECT n.nspname || '.' || p.proname || ' ' || md5(p.prosrc)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname <> $1 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        UNION ALL
        SELECT nspname::text FROM pg_namespace WHERE nspname <> $1 AND nspname !~ '^pg_'
        """,
    "rows": """
        SELECT schemaname || '.' || relname AS line FROM pg_stat_xact_user_tables
        WHERE schemaname <> $1 AND n_tup_ins + n_tup_upd + n_tup_del > 0
          AND NOT (schemaname = 'public' AND relname = 'migration')
        """,
}


async def _outside(owner: asyncpg.Connection, schema: str) -> set[str]:
    """What stands outside a schema, a line each; rows changed in this transaction count too."""
    return {
        f"{what}: {row['line']}"
        for what, sql in _OUTSIDE.items()
        for row in await owner.fetch(sql, schema)
    }


async def _refuse_changes_outside(
    owner: asyncpg.Connection, name: str, before: set[str], after: set[str]
) -> None:
    changed = sorted({line.split(" ")[1] for line in before ^ after})
    if changed:
        raise SeuilError(
            f"{name}: its migration changes {', '.join(changed[:5])}, outside its own schema "
            f"{schema_of(name)}. Nothing of it was kept: write to a table of the plugin's own."
        )
