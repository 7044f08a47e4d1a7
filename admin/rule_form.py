"""The form of a ranking rule: its keys as fields of a page, and back. No json is ever typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.matching.ranking import DATE_KEYS, DEFAULT_CLASS, FACT_TESTS, KEYS, LAST_CLASS, Rule
from core.matching.rulecheck import BOUNDS, CLASSES_MOST
from core.web.forms import Form

PLACED = tuple(key for key in KEYS if key not in DATE_KEYS)
"""Keys that a rule may do without: each is given a place in the order, or none."""

NUMBERS = [(n, str(n)) for n in range(1, LAST_CLASS + 1)]
SPARE = 2
"""Empty classes offered below those that are filled in."""


def shown_rule(rule: Rule) -> dict[str, Any]:
    """The fields of the form for a rule."""
    values: dict[str, Any] = {"dated": rule.dated, "default": rule.default_class}
    for key in PLACED:
        used = key in rule.keys and (key != "class" or rule.classes)
        values[f"place_{key}"] = rule.keys.index(key) + 1 if used else ""
    for n, one in enumerate(rule.classes):
        values |= {
            f"class_{n}_number": one.number,
            f"class_{n}_label": one.label,
            f"class_{n}_tags": list(one.tags),
        }
        for test in one.facts:
            values[f"class_{n}_{test.name}"] = test.value or "yes"
    return values


def slots(form: Form) -> list[int]:
    """The classes to show: those with something in them, and a few empty ones after."""
    used = [n for n in range(CLASSES_MOST) if _filled(form, n)]
    return list(range(min(CLASSES_MOST, (used[-1] + 1 if used else 0) + SPARE)))


def _filled(form: Form, n: int) -> bool:
    return any(form.all(name) for name in form.names() if name.startswith(f"class_{n}_"))


def keys_of(form: Form) -> list[dict[str, Any]]:
    """The stored keys that the form says, for `read_rule` to judge; numbers out of bounds are
    noted beside their field."""
    placed = []
    for key in PLACED:
        place = form.integer(f"place_{key}", 1, len(PLACED))
        if place is not None:
            placed.append((place, PLACED.index(key), key))
    keys: list[dict[str, Any]] = [{"key": key} for _, _, key in sorted(placed)]
    classes = [_class(form, n) for n in range(CLASSES_MOST) if _filled(form, n)]
    for one in keys:
        if one["key"] == "class":
            default = form.integer("default", 1, LAST_CLASS)
            one |= {"default": default or DEFAULT_CLASS, "classes": classes}
    dated = form.choice("dated", DATE_KEYS, required=True)
    return [*keys, {"key": dated}] if dated else keys


def _class(form: Form, n: int) -> Mapping[str, Any]:
    facts: list[dict[str, Any]] = []
    for name in FACT_TESTS:
        low, high = BOUNDS[name]
        field = f"class_{n}_{name}"
        if not high:
            facts += [{"fact": name}] if form.value(field) else []
        elif (value := form.integer(field, low, high)) is not None:
            facts.append({"fact": name, "value": value})
    return {
        "class": form.integer(f"class_{n}_number", 1, LAST_CLASS),
        "label": form.text(f"class_{n}_label", 120),
        "tags": form.all(f"class_{n}_tags"),
        "facts": facts,
    }
