"""The Unit: one transaction bound to one territory and one actor; the only way to the database.

It begins and binds in one round trip, keeps what happened, writes the events with their
deliveries just before it commits, and gives its connection back whatever breaks.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextvars import ContextVar, Token
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Self

import asyncpg

from core.kernel.actor import SYSTEM as SYSTEM
from core.kernel.actor import Actor as Actor
from core.kernel.clock import Clock
from core.kernel.database import ENGINE
from core.kernel.errors import Denied, OutsideUnit
from core.kernel.events import Happening, write_events
from core.kernel.scope import EVERYTHING, Scope
from core.kernel.transaction import LOST, Binding, begin, give_back, in_words, leave
from core.kernel.words import Sentence

_current: ContextVar[Unit | None] = ContextVar("unit", default=None)


def current_unit() -> Unit:
    """The Unit one stands in; raises OutsideUnit where there is none."""
    unit = _current.get()
    if unit is None:
        raise OutsideUnit("no Unit is open")
    return unit


def current_territory() -> int:
    """The territory that rows made now belong to: the default of every `territory_id`.

    0 outside a territory: no territory has that id, so the policy refuses such a row.
    """
    unit = _current.get()
    return (unit.territory_id if unit else None) or 0


@dataclass
class Unit:
    """One transaction. `async with Unit(territory_id=1, actor=actor) as unit: …`

    `territory_id=None` sees the global tables only. `consumers` are the names that get a delivery
    for each event recorded here.
    """

    territory_id: int | None
    actor: Actor = SYSTEM
    clock: Clock = field(default_factory=Clock)
    zone: str = "Europe/Paris"
    consumers: tuple[str, ...] = ()
    command_id: int | None = None
    permits: Callable[[str], bool] | None = None
    """Who decides whether the actor may; None for the system itself, which may."""
    scopes: Callable[[str], Scope] | None = None
    """How far each permission goes for the actor; None for the system itself: everything."""
    denies: Callable[[Unit, str, int], Awaitable[Sentence | None]] | None = None
    """Who else may refuse what the roles allow, for one household; None where nobody does."""
    read_only: bool = False
    """Whether the database itself refuses to write or to lock a row here: a page that is read."""
    obstructs: Callable[[Unit, int, int], Awaitable[Sequence[Any]]] | None = None
    """Who knows why a demande may not be proposed a place; None where nobody does."""

    opened: set[tuple[Any, ...]] = field(default_factory=set)
    """What this Unit found that its actor's scope holds: asked once."""

    _connection: asyncpg.Connection | None = None
    _happened: list[Happening] = field(default_factory=list)
    _tokens: tuple[Token[Any], Token[Any]] | None = None
    _outer: Unit | None = None
    _depth: int = 0
    _handed_on: bool = False

    # -- life ---------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self._outer = _current.get()
        if self._outer is not None and ENGINE.pinned is None:
            raise OutsideUnit("a Unit inside a Unit: pass the one that is open")
        now, account_id = self.clock.now(), self.actor.account_id
        self._bound = Binding(self.territory_id, account_id, now, self.read_only)
        if ENGINE.pinned is not None:
            self._connection = ENGINE.pinned
            reads = "SET TRANSACTION READ ONLY; " if self.read_only else ""
            await self._connection.execute(f"SAVEPOINT unit; {reads}{self._bound.sql}")
        else:
            self._connection, self._bound = await begin(self._bound)
        # Piccolo only asks its running transaction for `connection`.
        self._tokens = (_current.set(self), ENGINE.current_transaction.set(self))  # type: ignore[arg-type]
        return self

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None and self._handed_on and not self._happened:
            assert self._connection is not None
            if leave(self._connection, self._bound):
                self._connection = None
        # Shielded: a cancelled request must still end its transaction and free its connection.
        try:
            if self._connection is not None:
                await asyncio.shield(self._leave(error))
        finally:
            # Here and not in _leave: the shield runs it in a task with a context of its own.
            assert self._tokens is not None
            _current.reset(self._tokens[0])
            ENGINE.current_transaction.reset(self._tokens[1])
        if (told := in_words(error)) is not None:
            raise told from error

    async def _leave(self, error: BaseException | None) -> None:
        connection, pinned = self._connection, ENGINE.pinned is not None
        assert connection is not None
        broken = True
        try:
            if error is None:
                await write_events(self, self._happened)
                await connection.execute("RELEASE SAVEPOINT unit" if pinned else "COMMIT")
            broken = False
        except (asyncpg.PostgresError, *LOST) as late:
            # Deferred constraints speak at COMMIT.
            if (told := in_words(late)) is None:
                raise
            raise told from late
        finally:
            self._connection = None
            if pinned:
                if broken or error is not None:
                    await connection.execute("ROLLBACK TO SAVEPOINT unit; RELEASE SAVEPOINT unit")
                if self._outer is not None:
                    await connection.execute(self._outer._bound.sql)
            else:
                await give_back(connection, broken=broken or error is not None)

    def hand_on(self) -> None:
        """Leave the connection to the next Unit of this request, where there is a relay.

        Only for a Unit that wrote nothing: its COMMIT waits for the next one's end or BEGIN.
        """
        self._handed_on = ENGINE.pinned is None

    async def again(self) -> None:
        """Undo what this Unit asked and begin it anew, in one round trip: a statement failed that
        the page can do without. Only for a Unit that wrote nothing; RuntimeError otherwise.
        """
        if self._happened or self.command_id is not None or self._depth:
            raise RuntimeError("a Unit that wrote cannot begin again")
        anew = "ROLLBACK; BEGIN" if ENGINE.pinned is None else "ROLLBACK TO SAVEPOINT unit"
        await self.connection.execute(f"{anew}; {self._bound.sql}")

    @contextlib.asynccontextmanager
    async def living_at(self, clock: Clock, told: bool) -> AsyncIterator[None]:
        """Inside, everything happens at that clock's time: the demonstration's past. `told` False:
        events are kept, and delivered to nobody."""
        before = self.clock, self._bound, self.consumers
        happened, self._happened = self._happened, []
        self.clock, self._bound = clock, replace(self._bound, now=clock.now())
        self.consumers = self.consumers if told else ()
        await self.connection.execute(self._bound.sql)
        try:
            yield
            await write_events(self, self._happened)
        finally:
            self.clock, self._bound, self.consumers = before
            self._happened = happened
        await self.connection.execute(self._bound.sql)

    def rebound(self, account_id: int) -> None:
        """A statement of this Unit bound its transaction to that account (`seuil.actor`)."""
        self._bound = replace(self._bound, account_id=account_id)

    @property
    def connection(self) -> asyncpg.Connection:
        """What Piccolo speaks to; refused once the Unit has ended."""
        if self._connection is None:
            raise OutsideUnit("this Unit has ended")
        return self._connection

    def require(self, permission: str) -> None:
        """Raise Denied unless the actor may: services ask it for each transition."""
        if self.permits is not None and not self.permits(permission):
            raise Denied()

    async def let_in(self, permission: str, household_id: int) -> None:
        """Raise Denied where something switched on here refuses what the roles allow, for this
        household. Asked once in a Unit."""
        asked = ("let in", permission, household_id)
        if self.denies is None or asked in self.opened:
            return
        reason = await self.denies(self, permission, household_id)
        if reason is not None:
            raise Denied(reason.msgid, **reason.params)
        self.opened.add(asked)

    async def obstacles(self, request_id: int, vacancy_id: int) -> Sequence[Any]:
        """Why this demande may not be proposed this place, of everything that is on here."""
        if self.obstructs is None:
            return ()
        return await self.obstructs(self, request_id, vacancy_id)

    def scope(self, permission: str) -> Scope:
        """How far the actor may use a permission: every list, read and write asks this."""
        return EVERYTHING if self.scopes is None else self.scopes(permission)

    @contextlib.contextmanager
    def consequence(self) -> Iterator[None]:
        """What follows by rule from an act that was allowed needs no permission of its own.

        A structure that admits also fills its place and closes the way for others: the act is
        its own, the effects are the rules'.
        """
        held = self.permits, self.scopes, self.denies
        self.permits = self.scopes = self.denies = None
        try:
            yield
        finally:
            self.permits, self.scopes, self.denies = held

    # -- time ---------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The instant the Unit began: everything in it happens at once."""
        return self._bound.now

    @property
    def today(self) -> date:
        """The legal day in the territory's zone."""
        return self.clock.today(self.zone)

    # -- SQL by hand --------------------------------------------------------------------------

    async def fetch(
        self, sql: str, *args: Any, within: float | None = None
    ) -> list[asyncpg.Record]:
        """All rows. `within`: seconds after which the server is told to stop (TimeoutError)."""
        return await self.connection.fetch(sql, *args, timeout=within)

    async def row(self, sql: str, *args: Any) -> asyncpg.Record | None:
        """The first row, or None."""
        return await self.connection.fetchrow(sql, *args)

    async def value(self, sql: str, *args: Any) -> Any:
        """The first column of the first row, or None."""
        return await self.connection.fetchval(sql, *args)

    async def stream(self, sql: str, *args: Any, prefetch: int = 500) -> AsyncIterator[Any]:
        """Rows one by one through a cursor, for exports of any length."""
        async for record in self.connection.cursor(sql, *args, prefetch=prefetch):
            yield record

    @contextlib.asynccontextmanager
    async def savepoint(self, milliseconds: int | None = None) -> AsyncIterator[None]:
        """A part that may fail alone: what it wrote and recorded is undone, the Unit goes on.

        `milliseconds`: how long each of its statements may take.
        """
        self._depth += 1
        name, happened = f"part_{self._depth}", len(self._happened)
        limit = f"; SET LOCAL statement_timeout = {int(milliseconds)}" if milliseconds else ""
        # Rolling back to it undoes the limit; letting it go does not.
        lift = "; SET LOCAL statement_timeout = DEFAULT" if milliseconds else ""
        await self.connection.execute(f"SAVEPOINT {name}{limit}")
        try:
            yield
        except BaseException:
            del self._happened[happened:]
            await self.connection.execute(f"ROLLBACK TO SAVEPOINT {name}")
            raise
        finally:
            self._depth -= 1
            await self.connection.execute(f"RELEASE SAVEPOINT {name}{lift}")

    # -- what happened ------------------------------------------------------------------------

    def record(
        self,
        kind: str,
        *,
        household_id: int | None = None,
        person_id: int | None = None,
        subject: tuple[str, int] | None = None,
        **payload: Any,
    ) -> None:
        """Note an event; it is written when the Unit commits. Payload: ids, codes, dates only."""
        self._happened.append(
            Happening(kind, self.now, household_id, person_id, subject, dict(payload))
        )
