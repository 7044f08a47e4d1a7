"""What every command needs of a site: its settings, its database, one clear line when it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

import asyncpg
import click

from core.kernel.database import ENGINE, PATIENCE
from core.kernel.errors import DomainError, SeuilError
from core.kernel.migrate import migrate
from core.kernel.postgres import DATABASE, SUPERUSER, data_home, serving
from core.kernel.roles import APP, with_user
from core.kernel.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Site:
    """An installation: `admin_url` may migrate, `app_url` serves."""

    settings: Settings
    admin_url: str
    app_url: str


@contextmanager
def site() -> Iterator[Site]:
    """The site that the environment describes; its embedded database runs meanwhile."""
    settings = Settings.from_env()
    url = settings.database_url
    if url is None:
        with serving(data_home(settings.home)) as server:
            admin = server.url(SUPERUSER, DATABASE)
            yield Site(settings, admin, with_user(admin, APP, settings.secret_key))
        return
    admin = settings.owner_database_url or url
    app = url if urlsplit(url).username == APP else with_user(url, APP, settings.secret_key)
    yield Site(settings, admin, app)


def one_line(command: Callable[P, T]) -> Callable[P, T]:
    """A command whose known troubles end in one clear line and a non-zero exit."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except DomainError as error:
            details = "; ".join(getattr(error, "errors", {}).values())
            raise click.ClickException(details or str(error)) from None
        except SeuilError as error:
            raise click.ClickException(str(error)) from None
        except (asyncpg.UndefinedColumnError, asyncpg.UndefinedTableError):
            raise click.ClickException(
                "the database does not have what this version needs: run seuil migrate"
            ) from None
        except OSError as error:
            raise click.ClickException(f"{error.strerror or error}: {error.filename}") from None

    return guarded


def with_database(
    work: Callable[[Site], Coroutine[Any, Any, T]], patience: float | None = PATIENCE
) -> T:
    """Run `work` with the engine open on the serving role; outside production, migrate first.

    `patience`: seconds that one statement may take; None: as long as it takes.
    """
    with site() as here:
        if not here.settings.production:
            asyncio.run(migrate(here.admin_url, here.settings.secret_key))

        async def run() -> T:
            await ENGINE.open(here.app_url, here.settings.pool_size, patience)
            try:
                return await work(here)
            finally:
                await ENGINE.close()

        return asyncio.run(run())
