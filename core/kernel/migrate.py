"""Bring a database to this version: roles, Piccolo's migrations, then the ground."""

from __future__ import annotations

import contextlib
import io
import os
from urllib.parse import urlsplit

import asyncpg

from core.kernel.database import ENGINE
from core.kernel.errors import DatabaseUnavailable, SeuilError
from core.kernel.ground import OWNER, lay, prepare_roles, with_user

os.environ.setdefault("PICCOLO_CONF", "core.piccolo_conf")

OTHER_VERSION = (
    "the database was made by another version of Seuil, which this one cannot carry on: run that "
    "version, or begin a demonstration again with make demo-reset (seuil demo --reset)."
)


async def migrate(admin_url: str, secret: str) -> list[str]:
    """Run what has not run yet; returns the names of the migrations that ran.

    `admin_url` signs in as a role that may make roles (the embedded server's superuser, or the
    one a deployment gives to this command alone), or as the owning role itself.
    """
    try:
        admin = await asyncpg.connect(admin_url)
    except (OSError, asyncpg.PostgresError) as error:
        raise DatabaseUnavailable(f"the database does not answer: {error}") from error
    try:
        me = await admin.fetchrow(
            "SELECT current_user AS name, rolsuper OR rolcreaterole AS may, "
            "current_database() AS database FROM pg_roles WHERE rolname = current_user"
        )
        if me["name"] == OWNER:
            owner_url = admin_url
        elif me["may"]:
            await prepare_roles(admin, me["database"], secret)
            owner_url = with_user(admin_url, OWNER, secret)
        else:
            raise SeuilError(
                f"the account {me['name']} may not migrate: set SEUIL_OWNER_DATABASE_URL to one "
                "that owns the database."
            )
    finally:
        await admin.close()
    from piccolo.apps.migrations.commands.forwards import run_forwards
    from piccolo.apps.migrations.tables import Migration

    async with ENGINE.as_owner(owner_url) as owner:
        await owner.execute("SELECT pg_advisory_lock(24066)")
        before = await _ran(owner)
        if before - known_migrations():
            raise SeuilError(OTHER_VERSION)
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said):
                result = await run_forwards(app_name="all")
        except asyncpg.PostgresError as error:
            # The server's message may quote values: only its kind is said.
            raise SeuilError(f"{OTHER_VERSION} ({type(error).__name__})") from error
        if result is not None and not result.success:
            raise SeuilError(f"migration failed: {result.message}")
        await lay(owner)
        after = await _ran(owner)
        _ = Migration
        await owner.execute("SELECT pg_advisory_unlock(24066)")
    return sorted(after - before)


def known_migrations() -> set[str]:
    """The names of every migration that this version carries."""
    from piccolo.apps.migrations.commands.base import BaseMigrationManager
    from piccolo.conf.apps import Finder

    manager = BaseMigrationManager()
    return {
        name
        for app in Finder().get_app_registry().app_configs.values()
        for name in manager.get_migration_ids(
            manager.get_migration_modules(str(app.migrations_folder_path))
        )
    }


async def _ran(owner: asyncpg.Connection) -> set[str]:
    if not await owner.fetchval("SELECT to_regclass('public.migration')"):
        return set()
    return {r["name"] for r in await owner.fetch("SELECT name FROM migration")}


def database_name(url: str) -> str:
    """The database an address names, for messages: never its password."""
    return urlsplit(url).path.lstrip("/") or "postgres"
