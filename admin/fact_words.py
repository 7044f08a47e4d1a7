"""The facts of demandes in the words of the screen, communes and kinds by their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from admin.referral_changes import fact_said
from core.kernel.unit import Unit
from core.requests.queries import areas
from core.requests.recommendations import SUPPORT, kind_labels
from core.web.visit import Visit

Say = Callable[[str, Any], str]


async def fact_words(visit: Visit, unit: Unit) -> Say:
    """How this territory says a fact: two statements, however many facts are said."""
    communes = {row["id"]: row["name"] for row in await areas(unit)}
    kinds = await kind_labels(unit)

    def say(name: str, value: Any) -> str:
        if isinstance(value, list) and name.startswith("areas_"):
            return fact_said(visit, name, [communes.get(v, v) for v in value])
        if isinstance(value, list) and name == "kinds":
            return fact_said(visit, name, [kinds.get(v, v) for v in value])
        if name == "support" and value in SUPPORT:
            return visit._(SUPPORT[value])
        return fact_said(visit, name, value)

    return say
