"""Places and referrals for tests: see core/making.py, which plugins use too."""

from core.making import admitted, place, proposed, states, structure

__all__ = ["admitted", "place", "proposed", "states", "structure"]
