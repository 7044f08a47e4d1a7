"""Criteria and tags as data: what is refused at start, and what PostgreSQL is given to run."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from core.extension.contributions import Criterion, Tag
from core.extension.manifest import RegistryError
from core.extension.permissions import FIELD_CLASSES
from core.extension.tunables import Tunable

FACTS: Mapping[str, str] = {
    "composition": "smallint",
    "persons": "smallint",
    "adults": "smallint",
    "youngest_birth": "date",
    "eldest_birth": "date",
    "resources_cents": "bigint",
    "kinds": "text[]",
    "areas_wanted": "bigint[]",
    "areas_refused": "bigint[]",
    "accessible_needed": "boolean",
    "animals": "boolean",
    "support": "smallint",
}
"""What a criterion may read of `r`, the demande. NULL is "not asked"; dates, never ages."""

OFFERED: Mapping[str, str] = {
    "kind": "text",
    "typology": "text",
    "min_persons": "smallint",
    "max_persons": "smallint",
    "accessible": "smallint",
    "area_id": "bigint",
    "animals": "smallint",
    "free_on": "date",
}
"""What it may read of `v`, the free place. The four-answer numbers: 1 yes, 2 no, 3, 4."""

TONES = ("accent", "neutral", "info", "ok", "warn", "error")
"""The colours of a badge."""

FUNCTIONS = frozenset({"coalesce", "nullif", "least", "greatest", "abs", "cardinality", "age"})
WORDS = frozenset(
    """and or not is null true false distinct from in between any all case when then else end
    interval array date smallint bigint integer text boolean""".split()
)

_READABLE = {f"r.{name}" for name in FACTS} | {f"v.{name}" for name in OFFERED}

_TAG = re.compile(r"\{tag:([a-z0-9_.]+)\}")
_BOUND = re.compile(r"(?<!:):([a-z_]+)")
_TEXT = re.compile(r"'[^'\\]*'")
_NAME = re.compile(r"[A-Za-z_][\w.]*")
_REST = re.compile(r"[\s\d()\[\],.:+\-*/<>=|&@]*")


def check_tag(owner: str, tag: Tag) -> None:
    """RegistryError for a tag that nobody could be shown."""
    if tag.field_class not in FIELD_CLASSES:
        raise RegistryError(
            f"{owner}: the tag {tag.key!r} is of class {tag.field_class!r}: one of "
            f"{', '.join(sorted(FIELD_CLASSES))}."
        )
    if not tag.label.strip():
        raise RegistryError(f"{owner}: the tag {tag.key!r} has no label.")
    if tag.tone not in TONES:
        raise RegistryError(
            f"{owner}: the tag {tag.key!r} has the tone {tag.tone!r}: one of {', '.join(TONES)}."
        )


def check_criterion(
    owner: str, criterion: Criterion, tags: Mapping[str, Tag], tunables: Mapping[str, Tunable]
) -> None:
    """RegistryError for a predicate that reads or calls what it may not: only the facts of `r` and
    `v`, `:on`, its own settings, registered tags, and a short list of functions."""

    def refuse(what: str) -> None:
        raise RegistryError(f"{owner}: the criterion {criterion.key!r}: {what}.")

    if criterion.field_class not in FIELD_CLASSES:
        refuse(f"no field class is named {criterion.field_class!r}")
    for key in _TAG.findall(criterion.sql):
        if key not in tags:
            refuse(f"no tag is named {key!r}: register it with register_tags")
    sql = _TAG.sub(" true ", criterion.sql)
    if "--" in sql or "/*" in sql or ";" in sql or '"' in sql or "$" in sql:
        refuse("no comment, semicolon, quoted name or place of its own belongs in a predicate")
    sql = _TEXT.sub(" ", sql)
    for name in _BOUND.findall(sql):
        setting = name.removeprefix("setting_")
        if name == "on" or (name != setting and setting in tunables):
            continue
        refuse(f":{name} is bound to nothing: :on, or :setting_NAME of its register_settings")
    sql = _BOUND.sub(" ", sql)
    for found in _NAME.finditer(sql):
        name = found.group().lower()
        called = sql[found.end() :].lstrip().startswith("(")
        if (name.startswith("r.") and name[2:] in FACTS) or (
            name.startswith("v.") and name[2:] in OFFERED
        ):
            continue
        if called and name not in FUNCTIONS and name not in WORDS:
            refuse(f"it calls {name}(): only {', '.join(sorted(FUNCTIONS))}")
        if name not in WORDS and name not in FUNCTIONS:
            refuse(f"it reads {name}: only r.… ({', '.join(FACTS)}) and v.… ({', '.join(OFFERED)})")
    left = _NAME.sub(" ", sql)
    if not _REST.fullmatch(left):
        refuse(f"it holds signs that do not belong in a predicate: {_REST.sub('', left)!r}")
    if sql.count("(") != sql.count(")"):
        refuse("its parentheses do not match")


def predicate(
    criterion: Criterion, bind: Callable[[str, Any], str], settings: Mapping[str, Any], on: str
) -> str:
    """Its SQL with places for what is bound: `bind(type, value)` gives each its number.

    `on` is the place of the day.
    """

    def tag(found: re.Match[str]) -> str:
        return f"coalesce(r.tags @> ARRAY[{bind('text', found.group(1))}], false)"

    def bound(found: re.Match[str]) -> str:
        name = found.group(1)
        if name == "on":
            return on
        value = settings[name.removeprefix("setting_")]
        kind = "boolean" if isinstance(value, bool) else "int" if isinstance(value, int) else "text"
        return bind(kind, value)

    return f"({_BOUND.sub(bound, _TAG.sub(tag, criterion.sql))})"
