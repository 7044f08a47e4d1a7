"""Kinds of housing as dated data: a new version from a day on; the former stays readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from core.housing.kinds import DEVICES
from core.kernel.edits import read_at, unchanged
from core.kernel.errors import Invalid, NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_

EDITABLE = ("label", "label_en", "plain", "audience", "contract", "stay", "source")
"""Texts of a kind that a territory may word itself."""

_MONTHS = N_("Indiquez un nombre de mois possible.")
_AGE = N_("Indiquez un âge possible.")
NUMBERS: Mapping[str, tuple[int, int, str]] = {
    "stay_months_max": (1, 600, _MONTHS),
    "review_months": (1, 600, _MONTHS),
    "age_min": (0, 120, _AGE),
    "age_max": (0, 120, _AGE),
    "effort_percent_max": (1, 100, N_("Indiquez une part de 1 à 100.")),
}
"""Numbers of a kind that a territory may set, with their bounds and what is said outside them."""

DEVICE_LABELS = {
    "hebergement": N_("Hébergement"),
    "logement_accompagne": N_("Logement accompagné"),
    "logement": N_("Logement"),
    "soin": N_("Soin"),
}
assert set(DEVICE_LABELS) == set(DEVICES)


async def kinds_on(unit: Unit, on: date) -> Sequence[Any]:
    """Each kind's version in force on a day, and its label."""
    return await unit.fetch(
        "SELECT * FROM housing_kind WHERE starts_on <= $1 AND (ends_on IS NULL OR ends_on > $1) "
        "ORDER BY device, label, id",
        on,
    )


async def kind_history(unit: Unit, code: str) -> Sequence[Any]:
    """All versions of a kind, the newest first; NotFound when there is none of that code."""
    found = await unit.fetch(
        "SELECT * FROM housing_kind WHERE code = $1 ORDER BY starts_on DESC, id DESC", code
    )
    if not found:
        raise NotFound()
    return found


async def reword_kind(
    unit: Unit,
    code: str,
    *,
    starts_on: date,
    version: int | None = None,
    numbers: Mapping[str, int | None] | None = None,
    **texts: str,
) -> int:
    """A new version of a kind from a day on. What counts places and leases does not change.

    `version` is the id of the one that was read: Conflict when there is a later one since.
    `numbers` of NUMBERS: those that are not given stay as they are.

    Stays that began under the former version keep it: they refer to the kind by date.
    """
    if set(texts) - set(EDITABLE):
        raise TypeError(f"a kind has no such text: {sorted(set(texts) - set(EDITABLE))}")
    await unit.fetch("SELECT 1 FROM housing_kind WHERE code = $1 FOR UPDATE", code)
    versions = await kind_history(unit, code)
    now = versions[0]
    if unknown := set(numbers or {}) - set(NUMBERS):
        raise TypeError(f"a kind has no such number: {sorted(unknown)}")
    counts = {name: (numbers or {}).get(name, now[name]) for name in NUMBERS}
    unchanged(now, read_at(versions, version), {**texts, **(numbers or {})})
    wrong = {}
    if starts_on <= now["starts_on"]:
        wrong["starts_on"] = N_("La nouvelle version doit commencer après celle en vigueur.")
    if not texts.get("label", now["label"]).strip():
        wrong["label"] = N_("Ce champ est nécessaire.")
    for name, count in counts.items():
        low, high, said = NUMBERS[name]
        if count is not None and not low <= count <= high:
            wrong[name] = said
    if None not in (counts["age_min"], counts["age_max"]) and (
        counts["age_max"] < counts["age_min"]
    ):
        wrong["age_max"] = N_("L’âge maximum est inférieur au minimum.")
    if wrong:
        raise Invalid(wrong)
    values = {name: texts.get(name, now[name]).strip() for name in EDITABLE}
    await unit.fetch("UPDATE housing_kind SET ends_on = $2 WHERE id = $1", now["id"], starts_on)
    columns = ", ".join((*NUMBERS, *EDITABLE))
    places = ", ".join(
        f"${n}::smallint" if n < 3 + len(NUMBERS) else f"${n}"
        for n in range(3, 3 + len(NUMBERS) + len(EDITABLE))
    )
    made = await unit.value(
        f"INSERT INTO housing_kind (code, device, unit_counted, lease_kind, decides, "  # noqa: S608
        f"lawful_stay_required, number_required, starts_on, {columns}) "
        f"SELECT code, device, unit_counted, lease_kind, decides, lawful_stay_required, "
        f"number_required, $2::date, {places} FROM housing_kind WHERE id = $1 RETURNING id",
        now["id"],
        starts_on,
        *counts.values(),
        *values.values(),
    )
    unit.record("housing.kind_reworded", subject=("housing_kind", made), housing=code)
    return int(made)
