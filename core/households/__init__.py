"""Households and people over time, their situations and key workers."""
