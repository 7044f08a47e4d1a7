"""A transaction's ground: a connection from the pool, BEGIN with its binding, and its return.

A page asks who comes, then reads what it shows: two Units, one after the other. Inside `relay()`
a Unit that only read may leave its connection to the next one. Bound to the same territory and
account, the next one goes on in the same transaction; bound otherwise, its first round trip ends
the one transaction and begins another.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg

from core.kernel.database import ENGINE
from core.kernel.errors import Conflict, DatabaseUnavailable, Invalid, SeuilError
from core.kernel.promises import message_of
from core.kernel.words import N_

LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What a connection raises when the server went away under it."""


CROSSED = N_("Quelqu’un d’autre enregistrait au même moment. Rien n’a été changé : recommencez.")

NOT_TEXT = N_("Ce texte contient un caractère qui ne peut pas être gardé.")


def in_words(error: BaseException | None) -> SeuilError | None:
    """What a refusal of the database is to the person; None for what nobody foresaw.

    The server's own words quote rows: they are never shown.
    """
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        message = message_of(error.constraint_name)
        return Conflict(message) if message else None
    if isinstance(error, asyncpg.DeadlockDetectedError):
        return Conflict(CROSSED)
    if isinstance(error, asyncpg.CharacterNotInRepertoireError):
        return Invalid({"": NOT_TEXT})
    return DatabaseUnavailable("the database went away") if isinstance(error, LOST) else None


@dataclass(frozen=True, slots=True)
class Binding:
    """Where the rows of a transaction are, who writes and when: `past_version` reads the last two.

    No territory: the global tables only. No account: the system itself. `read_only`: nothing in
    it is written or locked.
    """

    territory_id: int | None
    account_id: int | None
    now: datetime
    read_only: bool = False

    @property
    def begin(self) -> str:
        return f"{'BEGIN READ ONLY' if self.read_only else 'BEGIN'}; {self.sql}"

    @property
    def sql(self) -> str:
        return (
            f"SELECT set_config('seuil.territory', '{_said(self.territory_id)}', true), "
            f"set_config('seuil.actor', '{_said(self.account_id)}', true), "
            f"set_config('seuil.now', '{self.now.isoformat()}', true)"
        )

    def goes_on(self, other: Binding) -> bool:
        """Whether what is done under the other may be done here: same rows, account and rights."""
        return replace(self, now=other.now) == other


def _said(number: int | None) -> str:
    return "" if number is None else str(int(number))


@dataclass
class _Relay:
    """The connection that waits for the next Unit, its transaction still open and bound."""

    left: asyncpg.Connection | None = None
    bound: Binding | None = None


_relay: ContextVar[_Relay | None] = ContextVar("relay", default=None)


@contextlib.asynccontextmanager
async def relay() -> AsyncIterator[None]:
    """Within it Units may hand their connection on; what nobody took is given back at the end."""
    here = _Relay()
    token = _relay.set(here)
    try:
        yield
    finally:
        _relay.reset(token)
        if here.left is not None:
            await asyncio.shield(_finish(here))


async def _finish(here: _Relay) -> None:
    connection, here.left = here.left, None
    if connection is None:
        return
    committed = False
    try:
        # Nothing was written: when the server is gone by now, nothing is lost.
        with contextlib.suppress(*LOST):
            await connection.execute("COMMIT")
            committed = True
    finally:
        await give_back(connection, broken=not committed)


def leave(connection: asyncpg.Connection, bound: Binding) -> bool:
    """Leave an open transaction, which wrote nothing, to the next Unit; False without a relay."""
    here = _relay.get()
    if here is None or here.left is not None:
        return False
    here.left, here.bound = connection, bound
    return True


def _gone(connection: asyncpg.Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        # The pool took it back by itself when the server ended it.
        return True


async def begin(wanted: Binding) -> tuple[asyncpg.Connection, Binding]:
    """A connection in a transaction, and its binding: the one wanted, or, where a transaction was
    left that serves, that one's, whose instant is a little earlier.

    DatabaseUnavailable when there is none. A connection that was left is taken, whatever it was
    bound to: a Unit that asked the pool for a second connection while its own request holds one
    could wait for itself.
    """
    here = _relay.get()
    connection, sql = None, wanted.begin
    if here is not None and here.left is not None:
        connection, here.left = here.left, None
        if _gone(connection):
            await give_back(connection, broken=True)
            connection = None
        elif here.bound is not None and here.bound.goes_on(wanted):
            return connection, here.bound
        else:
            sql = f"COMMIT; {sql}"
    if connection is None:
        pool = await ENGINE.ready()
        try:
            connection = await pool.acquire(timeout=10)
        except (*LOST, asyncpg.PostgresError) as error:
            raise DatabaseUnavailable("the database does not answer") from error
    try:
        await connection.execute(sql)
    except BaseException as error:
        await give_back(connection, broken=True)
        if isinstance(error, (*LOST, asyncpg.PostgresError)):
            raise DatabaseUnavailable("the database does not answer") from error
        raise
    return connection, wanted


async def give_back(connection: asyncpg.Connection, broken: bool) -> None:
    """Roll back if need be and free the connection: on every path, even when that fails."""
    try:
        if broken and not connection.is_closed():
            await connection.execute("ROLLBACK")
    except (*LOST, asyncpg.PostgresError):
        # A connection that the server ended has already left the pool by itself.
        with contextlib.suppress(asyncpg.InterfaceError):
            connection.terminate()
    finally:
        # Where the pool was cut meanwhile, the connection went with it.
        if ENGINE.pool is not None:
            with contextlib.suppress(asyncpg.InterfaceError):
                await ENGINE.pool.release(connection)
