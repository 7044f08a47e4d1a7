"""Waiting lists, their order, the shortlist for a vacancy."""
