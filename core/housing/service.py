"""Verbs of housing, each written in the file of its object and offered here together."""

from __future__ import annotations

from core.housing.programmes import (
    change_contact,
    change_kind,
    change_programme,
    known_kinds,
    open_programme,
    preview_kind_change,
    register_organisation,
    seed_kinds,
)
from core.housing.units import add_unit, change_unit, close_unit
from core.housing.vacancies import (
    awaits_household,
    declare_vacancy,
    lock_vacancy,
    note_vacancy,
    vacancy_step,
)

__all__ = [
    "add_unit",
    "awaits_household",
    "change_contact",
    "change_kind",
    "change_programme",
    "change_unit",
    "close_unit",
    "declare_vacancy",
    "known_kinds",
    "lock_vacancy",
    "note_vacancy",
    "open_programme",
    "preview_kind_change",
    "register_organisation",
    "seed_kinds",
    "vacancy_step",
]
