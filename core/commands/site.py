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


_ENGLISH = {
    "Ce nom court est déjà pris.": "this short name is taken",
    "Le nom court ne peut contenir que des lettres minuscules, des chiffres et des tirets.":
        "a short name holds small letters, figures and hyphens only",
    "Ce nom court est réservé.": "this short name is reserved",
    "Indiquez le nom du territoire.": "the territory needs a name",
    "Ce fuseau horaire n’existe pas. Exemple : Europe/Paris.":
        "there is no such time zone; an example: Europe/Paris",
    "Indiquez le pays en deux lettres. Exemple : FR.": "the country is two letters, such as FR",
    "Indiquez des langues en deux lettres. Exemple : fr,en.":
        "languages are two letters each, such as fr,en",
    "Indiquez le nom.": "the person needs a name",
    "Indiquez une adresse e-mail.": "this is no e-mail address",
    "Ce rôle n’existe pas.": "there is no such role",
    "Cet import n’existe pas.": "there is no such import",
}  # fmt: skip
"""What people read on a page, as the one who types a command reads it. Others stay as they are."""


def english(said: str) -> str:
    """A rule's own sentence in the language of the commands, where it is known."""
    return _ENGLISH.get(said, said)


class Whole(click.IntRange):
    """A whole number within bounds, named as people say it in a refusal."""

    name = "whole number"


def one_line(command: Callable[P, T]) -> Callable[P, T]:
    """A command whose known troubles end in one clear line and a non-zero exit."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except DomainError as error:
            wrong = [english(said) for said in getattr(error, "errors", {}).values()]
            raise click.ClickException("; ".join(wrong) or english(str(error))) from None
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
