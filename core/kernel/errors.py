"""The one tree of errors.

    SeuilError
    ├── Trouble                 something around us is broken; the person can only wait or call
    │   ├── DatabaseUnavailable
    │   ├── SettingsError       a setting is missing or wrong (one clear line, never its value)
    │   └── OutsideUnit         our own mistake: a statement outside a Unit
    └── DomainError             a rule answered no; the message is for the person on the screen
        ├── NotFound
        ├── NotSignedIn
        ├── Denied
        ├── Refused             the rule of a transition or of a right, in words
        ├── Invalid             one message per field of a form
        ├── Conflict            someone else was quicker, or changed the same thing
        └── TooMany             slow down, and whom to ask

The web translates this tree to HTTP in one place (`core.web.errors`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class SeuilError(Exception):
    """Root of every error this project raises on purpose."""


class Trouble(SeuilError):
    """Something around us does not work."""


class DatabaseUnavailable(Trouble):
    """The database does not answer."""


class SettingsError(Trouble):
    """A setting is missing or wrong; the text names the setting and never its value."""


class OutsideUnit(Trouble):
    """A statement was sent outside a Unit, where no territory is bound."""


class DomainError(SeuilError):
    """A rule said no. `message` is a French msgid; `params` fill its `%(name)s` places."""

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.params = params

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class NotFound(DomainError):
    """Nothing of that name here, or nothing this person may know of."""

    def __init__(self, message: str = "Cette page n’existe pas.", **params: Any) -> None:
        super().__init__(message, **params)


class NotSignedIn(DomainError):
    """Nobody is signed in, or the session has ended."""

    def __init__(self, message: str = "Votre session est terminée.", **params: Any) -> None:
        super().__init__(message, **params)


class Denied(DomainError):
    """The person is known, and may not do this."""

    def __init__(
        self, message: str = "Vous n’avez pas le droit de faire cela.", **params: Any
    ) -> None:
        super().__init__(message, **params)


class Refused(DomainError):
    """A transition or an act that the rules do not allow, with its reason in words."""


class Invalid(DomainError):
    """A form with mistakes: `errors` maps a field's name to its message."""

    def __init__(
        self, errors: Mapping[str, str], message: str = "Le formulaire contient des erreurs."
    ) -> None:
        super().__init__(message)
        self.errors = dict(errors)


class Conflict(DomainError):
    """Someone was quicker; `theirs` holds what is there now (field -> value).

    `untouched` are the fields that the second editor had left as they were read: what the first
    made of them is nobody's quarrel. `own`: the first was the same person, in another window.
    """

    def __init__(
        self,
        message: str,
        theirs: Mapping[str, Any] | None = None,
        untouched: Iterable[str] = (),
        own: bool = False,
        **params: Any,
    ):
        super().__init__(message, **params)
        self.own = own
        self.theirs = dict(theirs or {})
        self.untouched = frozenset(untouched)


class TooMany(DomainError):
    """Too many tries in too short a time."""
