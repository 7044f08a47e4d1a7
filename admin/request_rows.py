"""The lines of a demande's form (recommendations, resources): any number, moved without a script.

A line's fields end in its number. In a comparison a whole list is one answer, since its order
is part of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

LISTS: Mapping[str, tuple[str, ...]] = {
    "recommendations": ("kind", "support", "why"),
    "resource_lines": ("res_amount", "res_kind", "res_person", "res_since", "res_until"),
}
"""Each list with the fields of a line, the one that names it first."""

MOST = 40
"""Lines of a list: more than there are kinds of housing, or resources in a household."""

Fields = Mapping[str, Sequence[str]]
Line = list[str]


def shown(values: Fields, name: str) -> list[Line]:
    """The lines that a form shows, empty ones included; one at least."""
    stems = LISTS[name]
    numbers = [
        int(end)
        for field, given in values.items()
        for stem, _, end in [field.rpartition("_")]
        if stem in stems and end.isascii() and end.isdecimal() and len(end) < 3 and any(given)
    ]
    asked = "".join(values.get(f"{name}_count", ())[:1])
    count = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 3 else 1
    count = min(max([1, count, *numbers]), MOST)
    return [
        ["".join(values.get(f"{stem}_{n}", ())[:1]).strip() for stem in stems]
        for n in range(1, count + 1)
    ]


def spread(name: str, lines: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    """The lines as fields of a form."""
    lines = [list(line) for line in lines] or [[""] * len(LISTS[name])]
    fields = {
        f"{stem}_{n}": [value]
        for n, line in enumerate(lines, start=1)
        for stem, value in zip(LISTS[name], line, strict=True)
    }
    return {**fields, f"{name}_count": [str(len(lines))]}


def sealed(lines: Sequence[Sequence[str]]) -> list[str]:
    """The lines that say something, in their order, each as one value of a comparison."""
    return [msgspec.json.encode(list(line)).decode() for line in lines if any(line)]


def unsealed(name: str, values: Sequence[str]) -> list[Line]:
    """The lines behind values of a comparison; those tampered with are left out."""
    lines = []
    for value in values:
        try:
            line = msgspec.json.decode(value, type=list[str])
        except msgspec.DecodeError:
            continue
        if len(line) == len(LISTS[name]):
            lines.append(line)
    return lines


def moved(values: Fields, act: str) -> dict[str, list[str]]:
    """The form's fields after `verb:list:line`: one line added, removed, or moved up or down."""
    verb, _, rest = act.partition(":")
    name, _, number = rest.partition(":")
    fields = {field: list(given) for field, given in values.items()}
    if name not in LISTS or not (number.isascii() and number.isdecimal() and len(number) < 3):
        return fields
    lines, at = shown(values, name), int(number) - 1
    for n in range(1, len(lines) + 1):
        for stem in LISTS[name]:
            fields.pop(f"{stem}_{n}", None)
    if verb == "add" and len(lines) < MOST:
        lines.append([""] * len(LISTS[name]))
    elif verb == "remove" and at < len(lines):
        del lines[at]
    elif verb in ("up", "down"):
        to = at + (1 if verb == "down" else -1)
        if 0 <= at < len(lines) and 0 <= to < len(lines):
            lines[at], lines[to] = lines[to], lines[at]
    return {**fields, **spread(name, lines)}
