"""Refusal reasons as dated data: a new version from a day on; the former stays readable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from core.kernel.edits import read_at, unchanged
from core.kernel.errors import Invalid, NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.placements.rules import RefusalReason

FLAGS = ("admissible", "binds_household", "keeps_seniority", "needs_words", "contestable")
"""What a reason decides: see core.placements.rules."""

AUTHOR_LABELS = {
    "structure": N_("La structure"),
    "household": N_("Le ménage"),
    "siao": N_("Le SIAO"),
}


async def reasons_on(unit: Unit, on: date) -> Sequence[Any]:
    """Each reason's version in force on a day."""
    return await unit.fetch(
        "SELECT * FROM refusal_reason WHERE starts_on <= $1 AND (ends_on IS NULL OR ends_on > $1) "
        "ORDER BY author, id",
        on,
    )


async def reason_history(unit: Unit, author: str, code: str) -> Sequence[Any]:
    """All versions of a reason, the newest first; NotFound when there is none."""
    found = await unit.fetch(
        "SELECT * FROM refusal_reason WHERE author = $1 AND code = $2 "
        "ORDER BY starts_on DESC, id DESC",
        author,
        code,
    )
    if not found:
        raise NotFound()
    return found


async def reword_reason(
    unit: Unit,
    author: str,
    code: str,
    *,
    label: str,
    plain: str,
    starts_on: date,
    evidence: str | None = None,
    version: int | None = None,
    **flags: bool,
) -> int:
    """A new version of a reason from a day on; a refusal keeps the version it was given under.

    `version` is the id of the one that was read: Conflict when there is a later one since.
    `evidence`: what is to be noted as shown; None leaves it as it is.
    """
    if set(flags) - set(FLAGS):
        raise TypeError(f"a reason has no such flag: {sorted(set(flags) - set(FLAGS))}")
    await unit.fetch(
        "SELECT 1 FROM refusal_reason WHERE author = $1 AND code = $2 FOR UPDATE", author, code
    )
    versions = await reason_history(unit, author, code)
    now = versions[0]
    shown = now["evidence"] if evidence is None else evidence.strip()
    texts = {"label": label, "plain": plain, "evidence": shown}
    unchanged(now, read_at(versions, version), {**texts, **flags})
    wrong = {}
    if starts_on <= now["starts_on"]:
        wrong["starts_on"] = N_("La nouvelle version doit commencer après celle en vigueur.")
    if not label.strip():
        wrong["label"] = N_("Ce champ est nécessaire.")
    if not plain.strip():
        wrong["plain"] = N_("Ce champ est nécessaire.")
    kept = {name: flags.get(name, now[name]) for name in FLAGS}
    try:
        RefusalReason(now["author"], code, label, "", plain, **kept)
    except ValueError:
        wrong["admissible"] = N_(
            "Seul un refus du ménage, non recevable et opposable, peut coûter de l’ancienneté."
        )
    if wrong:
        raise Invalid(wrong)
    await unit.fetch("UPDATE refusal_reason SET ends_on = $2 WHERE id = $1", now["id"], starts_on)
    made = await unit.value(
        "INSERT INTO refusal_reason (author, code, label, plain, starts_on, admissible, "
        "evidence, binds_household, keeps_seniority, needs_words, contestable) "
        "VALUES ($1, $2, $3, $4, $5, $7, $6, $8, $9, $10, $11) RETURNING id",
        author,
        code,
        label.strip(),
        plain.strip(),
        starts_on,
        shown,
        *(kept[name] for name in FLAGS),
    )
    unit.record(
        "refusal_reason.reworded", subject=("refusal_reason", made), author=author, code=code
    )
    return int(made)
