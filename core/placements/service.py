"""Verbs of placements, each written in the file of its moment and offered here together."""

from __future__ import annotations

from core.placements.alerts import find_stalled, read_alert
from core.placements.answers import answer, record_try
from core.placements.deadlines import expire_overdue, move_deadline
from core.placements.emergency import confirm_emergency, declare_emergency, set_emergency_aside
from core.placements.judging import judge_refusal
from core.placements.leaving import exit_stay, undo_exit
from core.placements.life import open_review, settle_review
from core.placements.procedures import seed_procedures, settle_procedure, write_procedure
from core.placements.referrals import propose
from core.placements.seeding import seed_reasons
from core.placements.stays import move_in, place_directly
from core.placements.visits import ask_question, ask_visit, end_visit, plan_visit

__all__ = [
    "answer",
    "ask_question",
    "ask_visit",
    "confirm_emergency",
    "declare_emergency",
    "end_visit",
    "exit_stay",
    "expire_overdue",
    "find_stalled",
    "judge_refusal",
    "move_deadline",
    "move_in",
    "open_review",
    "place_directly",
    "plan_visit",
    "propose",
    "read_alert",
    "record_try",
    "seed_procedures",
    "seed_reasons",
    "set_emergency_aside",
    "settle_procedure",
    "settle_review",
    "undo_exit",
    "write_procedure",
]
