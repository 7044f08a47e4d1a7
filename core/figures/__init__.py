"""Figures: how long one waits, what becomes of referrals, whether groups fare alike."""
