"""The pure rules of households, gathered: people, names and life events."""

from core.households.changes import EVENT_LABELS, HouseholdFacts, LifeEvent, OpenRequest, Plan
from core.households.life_events import plan
from core.households.names import name_variants, search_key
from core.households.people import (
    ANSWER_LABELS,
    MAJORITY,
    AnswerState,
    Member,
    Role,
    Sex,
    age,
    composition_code,
    is_minor,
)  # fmt: skip

__all__ = [
    "ANSWER_LABELS", "EVENT_LABELS", "MAJORITY", "AnswerState", "HouseholdFacts", "LifeEvent",
    "Member", "OpenRequest", "Plan", "Role", "Sex", "age", "composition_code", "is_minor",
    "name_variants", "plan", "search_key",
]  # fmt: skip
