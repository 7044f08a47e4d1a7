"""The engine under Piccolo: one pool, and no statement outside a Unit.

Piccolo looks for the running transaction in `engine.current_transaction`; a Unit puts itself
there. Anything that would open a connection of its own (`.batch()`, `extra_nodes`, a query
outside a Unit) is refused, since such a connection has no territory and would see no row.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from contextvars import ContextVar
from typing import Any

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from core.kernel.errors import DatabaseUnavailable, OutsideUnit

PATIENCE = 60.0
"""Seconds that a statement of a page may take: whoever asked has left long before."""

statements: ContextVar[list[str] | None] = ContextVar("statements", default=None)
"""When a test or the bench sets a list here, each statement's text is added to it."""


class CountingConnection(asyncpg.Connection):
    """Tells `statements` what was asked; leaves nothing to reset between two Units.

    A Unit's context is set locally to its transaction, so a connection comes back clean and the
    round trip of asyncpg's usual RESET can be spared.
    """

    def get_reset_query(self) -> str:
        return ""

    def _note(self, query: str) -> None:
        seen = statements.get()
        if seen is not None:
            seen.append(query)

    async def fetch(self, query: str, *args: Any, **kw: Any) -> Any:
        self._note(query)
        return await super().fetch(query, *args, **kw)

    async def fetchrow(self, query: str, *args: Any, **kw: Any) -> Any:
        self._note(query)
        return await super().fetchrow(query, *args, **kw)

    async def fetchval(self, query: str, *args: Any, **kw: Any) -> Any:
        self._note(query)
        return await super().fetchval(query, *args, **kw)

    async def executemany(self, command: str, args: Any, **kw: Any) -> Any:
        self._note(command)
        return await super().executemany(command, args, **kw)


class Engine(PostgresEngine):
    """Piccolo's engine, strict: it serves inside Units, or as owner inside `as_owner()`."""

    def __init__(self) -> None:
        self.strict = True
        self.pinned: asyncpg.Connection | None = None
        """One connection for everything: the tests' rollback harness, nothing else."""
        self._owned: asyncpg.Connection | None = None
        self._address: tuple[str, int, float | None] | None = None
        super().__init__(config={}, extensions=())

    async def check_version(self) -> None:
        """Piccolo asks at creation, before there is an address; `seuil doctor` asks later."""

    async def prep_database(self) -> None:
        """No extension is needed or wanted."""

    async def open(self, url: str, size: int = 10, patience: float | None = PATIENCE) -> None:
        """Start the pool of the serving role; the address is kept for a later `ready`.

        `patience`: seconds that a statement may take; None for work that nobody's page waits for.
        """
        self._address = (url, size, patience)
        try:
            self.pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=size,
                connection_class=CountingConnection,
                command_timeout=patience,
                server_settings={"application_name": "seuil", "jit": "off"},
            )
        except (OSError, asyncpg.PostgresError) as error:
            raise DatabaseUnavailable(f"the database does not answer: {error}") from error

    async def ready(self) -> asyncpg.Pool:
        """The pool, opened now if the database was down when the process started."""
        if self.pool is None:
            if self._address is None:
                raise DatabaseUnavailable("the database is not open")
            await self.open(*self._address)
        assert self.pool is not None
        return self.pool

    async def close(self) -> None:
        self._address = None
        pool, self.pool = self.pool, None
        if pool is not None:
            await pool.close()

    @contextlib.asynccontextmanager
    async def as_owner(self, url: str) -> AsyncIterator[asyncpg.Connection]:
        """Piccolo on one connection of the owning role: migrations only, never while serving."""
        try:
            connection = await asyncpg.connect(url, connection_class=CountingConnection)
        except (OSError, asyncpg.PostgresError) as error:
            raise DatabaseUnavailable(f"the database does not answer: {error}") from error
        self.strict, before = False, self.strict
        token = self.current_transaction.set(None)
        owned, self._owned = self._owned, connection
        try:
            yield connection
        finally:
            self.strict, self._owned = before, owned
            self.current_transaction.reset(token)
            await connection.close()

    def _refuse(self) -> None:
        if self.strict:
            raise OutsideUnit("a statement outside a Unit: no territory is bound")

    def _owner(self) -> asyncpg.Connection:
        if self._owned is None:
            raise OutsideUnit("no owner is signed in")
        return self._owned

    async def get_new_connection(self) -> asyncpg.Connection:
        raise OutsideUnit("a connection outside a Unit: no territory is bound")

    async def batch(self, query: Any, batch_size: int = 100, node: str | None = None) -> Any:
        raise OutsideUnit("batch() opens its own connection: use the Unit's stream()")

    async def _run_in_pool(self, query: str, args: Sequence[Any] | None = None) -> Any:
        self._refuse()
        return await self._owner().fetch(query, *(args or ()))

    async def _run_in_new_connection(self, query: str, args: Sequence[Any] | None = None) -> Any:
        self._refuse()
        return await self._owner().fetch(query, *(args or ()))

    def transaction(self, allow_nested: bool = True) -> PostgresTransaction:
        self._refuse()
        return _OwnerTransaction(self, allow_nested)


class _OwnerTransaction(PostgresTransaction):
    """A migration's transaction on the owner's one connection."""

    async def get_connection(self) -> asyncpg.Connection:
        return self.engine._owned  # type: ignore[attr-defined]

    async def __aexit__(self, exception_type: Any, exception: Any, traceback: Any) -> bool:
        if self._parent:
            return False
        try:
            await (self.rollback() if exception else self.commit())
        finally:
            self.engine.current_transaction.reset(self.context)
        return False


ENGINE = Engine()
