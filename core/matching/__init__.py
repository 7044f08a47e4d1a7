"""Matching: waiting lists, seniority and order."""
