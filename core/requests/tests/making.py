"""Demandes for tests: see core/making.py, which plugins use too."""

from core.making import draft, listed, organisation, sent

__all__ = ["draft", "listed", "organisation", "sent"]
