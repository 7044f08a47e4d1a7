"""The drawn tree of errors that the domain may raise."""

from __future__ import annotations


class DomainError(Exception):
    """Something the domain says no to. `message` is a French msgid, `params` fills it."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message)
        self.message = message
        self.params = params

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class Refused(DomainError):
    """The act is understood and not possible now; the message says why, in words."""
