"""Verbs of figures: count them, open a round of publication, comment, publish."""

from core.figures.publications import comment, follow_calendar, open_round
from core.figures.rollups import count_all

__all__ = ["comment", "count_all", "follow_calendar", "open_round"]
