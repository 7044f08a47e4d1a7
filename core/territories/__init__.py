"""Territories: what differs from place to place, code lists included."""
