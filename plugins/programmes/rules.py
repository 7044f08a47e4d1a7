"""Pure decisions about programmes: no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from core.kernel.errors import Invalid
from core.kernel.words import N_
from plugins.programmes.codes import END_REASONS


def milestone_state(due_on: date, outcome: str, today: date, alert_days: int) -> str:
    """Where a milestone stands: its outcome once ended, else "late", "soon" or "ahead".

    It is late the day after its date; "soon" begins `alert_days` before it (setting of the
    territory).
    """
    if outcome:
        return outcome
    if due_on < today:
        return "late"
    return "soon" if due_on <= today + timedelta(days=alert_days) else "ahead"


@dataclass(frozen=True)
class Against:
    """What was reached of a goal. `width` is the bar's, of 100; `late`: the day passed short."""

    measure: str
    reached: int
    target: int
    due_on: date
    width: int
    late: bool

    @property
    def met(self) -> bool:
        return self.reached >= self.target


def against(measure: str, reached: int, target: int, due_on: date, today: date) -> Against:
    """A goal and its figure. A bar never says "full" before the target is reached."""
    width = 100 if reached >= target else min(99, reached * 100 // target)
    return Against(measure, reached, target, due_on, width, due_on < today and reached < target)


def check_entry(on: date, today: date, starts_on: date, ends_on: date | None) -> None:
    """Whether a household may enter a programme that day. Raises Invalid with why not."""
    if on > today:
        raise Invalid({"on": N_("L’entrée se note le jour même ou après, jamais en avance.")})
    if on < starts_on:
        raise Invalid({"on": N_("Le programme n’avait pas commencé à cette date.")})
    if ends_on is not None and on >= ends_on:
        raise Invalid({"on": N_("Le programme est terminé à cette date.")})


def check_exit(on: date, today: date, entered_on: date, reason: str) -> None:
    """Whether a household may leave that day for that reason. Raises Invalid with why not."""
    if reason not in END_REASONS:
        raise Invalid({"reason": N_("Choisissez pourquoi le ménage sort.")})
    if on > today:
        raise Invalid({"on": N_("La sortie se note le jour même ou après, jamais en avance.")})
    if on < entered_on:
        raise Invalid({"on": N_("La sortie ne peut pas être avant l’entrée.")})
