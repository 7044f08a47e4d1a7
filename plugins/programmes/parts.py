"""The SQL of the parts that core composes, and how what it reads is shaped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

PANEL = """
SELECT json_build_object(
  'ref', (SELECT ref FROM household WHERE id = :household),
  'stays', coalesce((
    SELECT json_agg(json_build_object('ref', m.ref, 'programme', p.name, 'starts_on', m.starts_on,
      'ends_on', m.ends_on, 'end_reason', m.end_reason, 'referent', a.name)
      ORDER BY m.ends_on IS NOT NULL, m.starts_on DESC, m.id DESC)
    FROM plugin_programmes.member m
    JOIN plugin_programmes.programme p ON p.territory_id = m.territory_id AND p.id = m.programme_id
    LEFT JOIN account a ON a.id = m.referent_id
    WHERE m.household_id = :household), '[]'))
"""
"""The programmes of the household whose file is shown."""

CARD = """
SELECT json_agg(json_build_object('name', p.public_name, 'brings', p.brings,
  'who', coalesce(a.name, p.call_name),
  'phone', CASE WHEN a.phone <> '' THEN a.phone ELSE p.call_phone END,
  'starts_on', m.starts_on) ORDER BY m.starts_on DESC, m.id DESC)
FROM plugin_programmes.member m
JOIN plugin_programmes.programme p ON p.territory_id = m.territory_id AND p.id = m.programme_id
LEFT JOIN account a ON a.id = m.referent_id
WHERE m.household_id = :household AND (m.ends_on IS NULL OR m.ends_on > :today)
  AND :setting_resident_card
"""
"""What the signed-in resident's household has now; null where there is nothing to show."""

TILE = """
SELECT json_build_object(
  'households', (SELECT count(DISTINCT m.household_id) FROM plugin_programmes.member m
    WHERE (m.ends_on IS NULL OR m.ends_on > :today)),
  'late', (SELECT count(*) FROM plugin_programmes.milestone WHERE ended_on IS NULL
    AND due_on < :today))
"""
"""Households in programmes now, and milestones whose date has passed."""


def shape_panel(value: Any) -> Mapping[str, Any]:
    """What PANEL reads, with real dates."""
    stays = [
        {**stay, "starts_on": _day(stay["starts_on"]), "ends_on": _day(stay["ends_on"])}
        for stay in value["stays"]
    ]
    return {"ref": value["ref"], "stays": stays}


def shape_card(value: Any) -> Mapping[str, Any]:
    """What CARD reads, with real dates."""
    return {"stays": [{**one, "starts_on": _day(one["starts_on"])} for one in value or ()]}


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
