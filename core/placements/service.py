"""Verbs of placements, each written in the file of its moment and offered here together."""

from __future__ import annotations

from core.placements.answers import answer, record_try
from core.placements.deadlines import expire_overdue, move_deadline
from core.placements.emergency import confirm_emergency, declare_emergency, set_emergency_aside
from core.placements.judging import judge_refusal
from core.placements.leaving import exit_stay, undo_exit
from core.placements.life import open_review, settle_review
from core.placements.referrals import propose
from core.placements.seeding import seed_reasons
from core.placements.stays import move_in, place_directly

__all__ = [
    "answer",
    "confirm_emergency",
    "declare_emergency",
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
    "set_emergency_aside",
    "settle_review",
    "undo_exit",
]
