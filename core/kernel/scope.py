"""Scope: how far a right goes. Whose files, whose places; the one notion for lists and acts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """The objects a right opens: all of the territory, or what some organisations hold.

    `files`: organisations whose households it opens (they prescribe for them). `places`:
    organisations whose places it opens (they run them), with who is referred to them. An empty
    scope opens nothing. The two never mix: to prescribe at A and run places at B opens no
    household of B and no place of A.
    """

    everything: bool = False
    files: frozenset[int] = frozenset()
    places: frozenset[int] = frozenset()

    @property
    def over_files(self) -> list[int] | None:
        """For SQL: the organisations whose households count, None for every household."""
        return None if self.everything else sorted(self.files)

    @property
    def over_places(self) -> list[int] | None:
        """For SQL: the organisations whose places count, None for every place."""
        return None if self.everything else sorted(self.places)

    def runs(self, organisation_id: int) -> bool:
        """Whether places of that organisation are inside."""
        return self.everything or organisation_id in self.places

    def __and__(self, other: Scope) -> Scope:
        """What both open."""
        if self.everything:
            return other
        if other.everything:
            return self
        return Scope(files=self.files & other.files, places=self.places & other.places)


EVERYTHING = Scope(everything=True)
NOTHING = Scope()
