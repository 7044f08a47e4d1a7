"""Households: people, their answers and the events of their lives."""
