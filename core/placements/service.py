"""Verbs of placements: referral, answers, stays; each in its file, offered here together."""

from __future__ import annotations

from core.placements.seeding import seed_reasons

__all__ = ["seed_reasons"]
