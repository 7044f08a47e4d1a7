"""Verbs of placements, each written in the file of its moment and offered here together."""

from __future__ import annotations

from core.placements.answers import answer, record_try
from core.placements.deadlines import expire_overdue, move_deadline
from core.placements.judging import judge_refusal
from core.placements.life import open_review, settle_review
from core.placements.referrals import propose
from core.placements.seeding import seed_reasons
from core.placements.stays import exit_stay, move_in, place_directly, undo_exit

__all__ = [
    "answer",
    "exit_stay",
    "expire_overdue",
    "judge_refusal",
    "move_deadline",
    "move_in",
    "open_review",
    "place_directly",
    "propose",
    "record_try",
    "seed_reasons",
    "settle_review",
    "undo_exit",
]
