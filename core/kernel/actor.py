"""Who acts: a professional, a resident, somebody who helps a resident, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Helping:
    """Under which authorisation a worker acts for a person: what for and until when.

    `over`: it ended since; nothing may be read or done under it any more. `until` is the first
    day on which it no longer holds.
    """

    person: str
    scope: frozenset[str]
    until: date | None
    over: bool = False


@dataclass(frozen=True)
class Actor:
    """Who acts. `grants` are roles, each with the organisation it holds at, if any.

    `on_behalf_of` and `mandate_id` are set when a worker helps a resident act.
    kind: system, professional, resident, helper. A helper has the account of the worker and the
    person of the resident: what is written names both.
    """

    kind: str = "system"
    account_id: int | None = None
    person_id: int | None = None
    name: str = ""
    grants: frozenset[tuple[str, int | None]] = frozenset()
    on_behalf_of: int | None = None
    mandate_id: int | None = None
    helping: Helping | None = None
    must_change: bool = False
    """Signed in with a password that somebody else gave: it must be changed first."""

    @property
    def roles(self) -> frozenset[str]:
        """The roles, wherever they hold: what may be asked at all. How far is `Unit.scope`."""
        return frozenset(role for role, _ in self.grants)

    def organisations(self, role: str) -> frozenset[int]:
        """Where a role holds."""
        return frozenset(at for held, at in self.grants if held == role and at is not None)

    def helps_with(self, scope: str) -> bool:
        """Whether this is a helper whose authorisation, in force, holds that (read, write…)."""
        helping = self.helping
        return bool(scope and helping and not helping.over and scope in helping.scope)


SYSTEM = Actor()
