"""What a shortlist answers with: candidates and their reasons, counts by criterion, the rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.kernel.words import Sentence
from core.matching.ranking import Rule
from core.matching.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the households that are shown, and never the counts or the ranks.

    `everybody`: those it does not fit too. `certain`: nothing is left to be checked.
    """

    composition: int | None = None
    sector_id: int | None = None
    certain: bool = False
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class RuleUsed:
    """The ranking rule that gave the order: its row, version and plain text; None of a list that
    has none yet, which goes by class and seniority."""

    rule: Rule
    id: int | None = None
    version: int | None = None
    text: str = ""
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody on the list of the vacancy's kind. `rank` is among everybody on that list."""

    request_id: int
    ref: str
    household_id: int
    family_name: str
    given_name: str
    rank: int
    priority: int
    seniority_on: date
    persons: int | None
    composition: int | None
    mask: int
    verdicts: tuple[Verdict, ...]

    @property
    def fits(self) -> bool:
        """No hard criterion says no."""
        return not any(v.bars for v in self.verdicts)

    @property
    def obstacles(self) -> tuple[tuple[str, Sentence], ...]:
        """(reason to be passed over, sentence) of each hard no."""
        return tuple((v.code or "other", v.staff) for v in self.verdicts if v.bars and v.staff)

    @property
    def doubts(self) -> tuple[Sentence, ...]:
        """What is to be checked."""
        return tuple(v.staff for v in self.verdicts if v.staff and v.answer is None)

    @property
    def remarks(self) -> tuple[Sentence, ...]:
        """What a soft criterion says against."""
        return tuple(v.staff for v in self.verdicts if v.staff and v.answer is False and not v.hard)

    @property
    def wanted_area(self) -> bool:
        return any(v.key == "core.area_wanted" and v.answer is True for v in self.verdicts)


@dataclass(frozen=True, slots=True)
class Tally:
    """What one criterion does to a list. `excluded`: households with a hard no of it; `alone`:
    those whom nothing else keeps away, whom a yes would bring; `to_check`: nobody knows; `against`:
    a soft no."""

    key: str
    label: str
    excluded: int = 0
    alone: int = 0
    to_check: int = 0
    against: int = 0


@dataclass(frozen=True, slots=True)
class Shortlist:
    """`total` households on the list, `fitting` of them fit. `candidates`: those asked for, in the
    rule's order; `more`: there are others after them. `near`: the first that one hard criterion
    alone keeps away, of the part of the list that was read. `broken`: (plugin, criterion) that
    failed, and is to be checked for all."""

    candidates: tuple[Candidate, ...]
    near: tuple[Candidate, ...]
    tallies: tuple[Tally, ...]
    total: int
    fitting: int
    more: bool
    rule: RuleUsed
    broken: tuple[tuple[str, str], ...] = ()

    @property
    def excluded(self) -> Mapping[str, int]:
        """How many each hard criterion keeps away; somebody may be counted under several."""
        return {t.key: t.excluded for t in self.tallies if t.excluded}
