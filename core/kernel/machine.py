"""A tiny typed state machine: who may do what from where, what it needs and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.kernel.errors import Refused
from core.kernel.words import N_, Sentence

__all__ = ["N_", "Machine", "Need", "Refused", "State", "Transition", "Verdict"]


@dataclass(frozen=True, slots=True)
class State:
    """A state as people read it: staff label, resident label (plain words), tone of the badge."""

    label: str
    resident: str
    tone: str = "neutral"


@dataclass(frozen=True, slots=True)
class Need:
    """A fact that must be true (`facts[key] is True`), and what is said when it is not.

    A fact that nobody stated counts as false: machines deny by default.
    """

    key: str
    message: str


@dataclass(frozen=True, slots=True)
class Transition:
    """One act on an object.

    `permission` names who may do it; `event` the kind recorded; `staff` and `resident`
    the sentences each side reads afterwards (`resident` None: nothing for the household).
    """

    verb: str
    sources: tuple[str, ...]
    target: str
    permission: str
    event: str
    staff: str
    resident: str | None = None
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes, or no with a reason in words."""

    allowed: bool
    reason: Sentence | None = None

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True)
class Machine:
    """The life cycle of one kind of object. Building it checks that it holds together."""

    name: str
    states: Mapping[str, State]
    transitions: tuple[Transition, ...]
    start: str
    _table: Mapping[tuple[str, str], Transition] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        table: dict[tuple[str, str], Transition] = {}
        if self.start not in self.states:
            raise ValueError(f"{self.name}: unknown start state {self.start!r}")
        for transition in self.transitions:
            for state in (*transition.sources, transition.target):
                if state not in self.states:
                    raise ValueError(f"{self.name}.{transition.verb}: unknown state {state!r}")
            if not transition.sources:
                raise ValueError(f"{self.name}.{transition.verb}: possible from nowhere")
            for source in transition.sources:
                if (source, transition.verb) in table:
                    raise ValueError(f"{self.name}.{transition.verb}: twice from {source!r}")
                table[source, transition.verb] = transition
        unreachable = set(self.states) - self._reachable(table.items())
        if unreachable:
            raise ValueError(f"{self.name}: unreachable states {sorted(unreachable)}")
        object.__setattr__(self, "_table", table)

    def _reachable(self, moves: Iterable[tuple[tuple[str, str], Transition]]) -> set[str]:
        moves = list(moves)
        seen = {self.start}
        grew = True
        while grew:
            found = {t.target for (source, _), t in moves if source in seen} - seen
            seen |= found
            grew = bool(found)
        return seen

    def find(self, state: str, verb: str) -> Transition | None:
        """The transition, needs unchecked; None when this verb is not possible from here."""
        return self._table.get((state, verb))

    def verbs(self, state: str) -> tuple[str, ...]:
        """What may be tried from a state, in the order the machine was written."""
        return tuple(t.verb for t in self.transitions if state in t.sources)

    def missing(self, state: str, verb: str, facts: Mapping[str, bool]) -> tuple[Need, ...]:
        """The needs that do not hold; empty when nothing is missing or the verb is not possible."""
        transition = self.find(state, verb)
        if transition is None:
            return ()
        return tuple(need for need in transition.needs if facts.get(need.key) is not True)

    def can(self, state: str, verb: str, facts: Mapping[str, bool] | None = None) -> Verdict:
        """Whether the act is possible, or the first reason why not."""
        if state not in self.states:
            raise ValueError(f"{self.name}: unknown state {state!r}")
        if self.find(state, verb) is None:
            return Verdict(False, self._from_elsewhere(state, verb))
        for need in self.missing(state, verb, facts or {}):
            return Verdict(False, Sentence(need.message))
        return Verdict(True)

    def apply(self, state: str, verb: str, facts: Mapping[str, bool] | None = None) -> Transition:
        """The transition to carry out; raises `Refused` with the reason of `can`."""
        verdict = self.can(state, verb, facts)
        if verdict.reason is not None:
            raise Refused(verdict.reason.msgid, **verdict.reason.params)
        return self._table[state, verb]

    def _from_elsewhere(self, state: str, verb: str) -> Sentence:
        sources = [s for s in self.states if (s, verb) in self._table]
        here = self.states[state].label
        if not sources:
            raise ValueError(f"{self.name}: unknown verb {verb!r}")
        return Sentence(
            N_(
                "Impossible depuis l’état « %(state)s » : "
                "cette action se fait depuis « %(sources)s »."
            ),
            {"state": here, "sources": " », « ".join(self.states[s].label for s in sources)},
        )
