"""Bring a database to this version: roles, Piccolo's migrations, then the ground."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import asyncpg

from core.kernel.database import ENGINE
from core.kernel.errors import DatabaseUnavailable, SeuilError
from core.kernel.roles import OWNER, prepare_roles, with_user
from core.kernel.upgrades import carried, check_names, ran_by_app, upgrade, upgrade_plugin

if TYPE_CHECKING:
    from piccolo.conf.apps import AppConfig

os.environ.setdefault("PICCOLO_CONF", "core.piccolo_conf")

OTHER_VERSION = (
    "the database was made by another version of Seuil, which this one cannot carry on: run that "
    "version, or begin a demonstration again with make demo-reset (seuil demo --reset)."
)


@dataclass
class Migrated:
    """What a run did: the migrations that ran, and why a plugin was left as it was."""

    ran: list[str] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)


async def migrate(admin_url: str, secret: str, apps: Sequence[AppConfig] | None = None) -> Migrated:
    """Run what has not run yet: core's migrations, then each plugin's by itself.

    `admin_url` signs in as a role that may make roles (the embedded server's superuser, or the
    one a deployment gives to this command alone), or as the owning role itself. `apps` are those
    that are installed, unless a test says otherwise.
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
    apps = installed_apps() if apps is None else apps
    async with ENGINE.as_owner(owner_url) as owner:
        await owner.execute("SELECT pg_advisory_lock(24066)")
        try:
            return await _bring_up(owner, apps)
        finally:
            await owner.execute("SELECT pg_advisory_unlock(24066)")


async def _bring_up(owner: asyncpg.Connection, apps: Sequence[AppConfig]) -> Migrated:
    from piccolo.apps.migrations.commands.base import BaseMigrationManager

    done, ran = Migrated(), await ran_by_app(owner)
    core = next(app for app in apps if app.app_name == "core")
    if ran.get("core", set()) - carried(core):
        raise SeuilError(OTHER_VERSION)
    check_names(apps)
    with contextlib.redirect_stdout(io.StringIO()):
        await BaseMigrationManager().create_migration_table()
        try:
            done.ran += await upgrade(owner, core, ran.get("core", set()))
        except asyncpg.PostgresError as error:
            # The server's message may quote values: only its kind is said.
            raise SeuilError(f"{OTHER_VERSION} ({type(error).__name__})") from error
        for app in apps:
            if app is core:
                continue
            try:
                done.ran += await upgrade_plugin(owner, app, ran.get(app.app_name, set()))
            except SeuilError as error:
                done.held[app.app_name] = str(error)
    return done


def installed_apps() -> list[AppConfig]:
    """Core's app, then each installed plugin's."""
    from piccolo.conf.apps import Finder

    return list(Finder().get_app_registry().app_configs.values())


def known_migrations() -> dict[str, set[str]]:
    """The migrations that this version and its plugins carry, by app."""
    return {app.app_name: carried(app) for app in installed_apps()}


def database_name(url: str) -> str:
    """The database an address names, for messages: never its password."""
    return urlsplit(url).path.lstrip("/") or "postgres"
