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
    "persons_soon": "smallint",
    "soon_on": "date",
    "couple": "boolean",
    "adults": "smallint",
    "youngest_birth": "date",
    "eldest_birth": "date",
    "main_birth": "date",
    "rooms_from": "date[]",
    "lawful_stay": "boolean",
    "social_housing_no": "boolean",
    "resources_cents": "bigint",
    "kinds": "text[]",
    "areas_wanted": "bigint[]",
    "areas_refused": "bigint[]",
    "accessible_needed": "boolean",
    "animals": "boolean",
    "support": "smallint",
}
"""What a criterion may read of `r`, the demande. NULL is "not asked"; dates, never ages."""

GUARDED: Mapping[str, str] = {"persons_soon": "health", "soon_on": "health"}
"""Facts drawn from answers of a class of their own: a criterion that reads one carries it."""

KEPT_WHOLE = frozenset(
    """composition persons persons_soon soon_on couple adults youngest_birth eldest_birth
    main_birth rooms_from areas_refused accessible_needed animals""".split()
)
"""Who the household is and what is not negotiable for it: never what "would help"."""

OFFERED: Mapping[str, str] = {
    "kind": "text",
    "device": "text",
    "lease": "text",
    "typology": "text",
    "rooms": "smallint",
    "min_persons": "smallint",
    "max_persons": "smallint",
    "accessible": "smallint",
    "area_id": "bigint",
    "animals": "smallint",
    "compositions": "smallint[]",
    "audience_said": "boolean",
    "age_min": "smallint",
    "age_max": "smallint",
    "support": "smallint",
    "cost_cents": "bigint",
    "effort_percent": "smallint",
    "stay_months_max": "smallint",
    "lawful_stay_required": "boolean",
    "number_required": "boolean",
    "free_on": "date",
}
"""What it may read of `v`, the free place, its programme and what its kind asks on that day. The
four-answer numbers: 1 yes, 2 no, 3, 4. Without a known value, NULL."""

AT_MOST = 31
"""How many criteria a deployment holds: each has two bits of one bigint."""

LONGEST = 12
"""Words of a sentence that a household reads."""

TONES = ("accent", "neutral", "info", "ok", "warn", "error")
"""The colours of a badge."""

FUNCTIONS = frozenset({"coalesce", "nullif", "least", "greatest", "abs", "cardinality", "age"})
WORDS = frozenset(
    """and or not is null true false distinct from in between any all case when then else end
    interval array date smallint bigint integer text boolean""".split()
)

_READABLE = {f"r.{name}" for name in FACTS} | {f"v.{name}" for name in OFFERED}

FIGURES: Mapping[str, str] = {
    **{n: k for n, k in FACTS.items() if k in ("smallint", "bigint", "date")},
    **{f"place_{n}": k for n, k in OFFERED.items() if k in ("smallint", "bigint", "date")},
}
"""What may stand in a text for the staff, with its type; names in `_cents` are shown as money."""

_FIGURE = re.compile(r"%\((\w+)\)s")
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
    if tag.follows not in ("adult", "household"):
        raise RegistryError(
            f"{owner}: the tag {tag.key!r} follows {tag.follows!r}: write adult or household."
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
    guards = {GUARDED[n] for n in GUARDED if re.search(rf"\br\.{n}\b", sql)}
    if guards - {criterion.field_class}:
        refuse(f"what it reads is of the class {guards.pop()}: its field_class must say so")
    left = _NAME.sub(" ", sql)
    if not _REST.fullmatch(left):
        refuse(f"it holds signs that do not belong in a predicate: {_REST.sub('', left)!r}")
    if sql.count("(") != sql.count(")"):
        refuse("its parentheses do not match")
    if fault := _fault_of_texts(criterion, sql):
        refuse(fault)


def _fault_of_texts(criterion: Criterion, sql: str) -> str | None:
    """What is wrong with what it says to the staff and to the household."""
    staff = {"no": criterion.no, "unknown": criterion.unknown, "would_help": criterion.would_help}
    plain = {"plain_no": criterion.plain_no, "plain_unknown": criterion.plain_unknown,
             "plain_help": criterion.plain_help}  # fmt: skip
    for name, text in {**staff, **plain}.items():
        if not text.strip() and not name.endswith("help"):
            return f"it has no text {name}"
    if bool(criterion.would_help) != bool(criterion.plain_help):
        return "would_help and plain_help go together"
    if criterion.would_help and (given := KEPT_WHOLE & set(re.findall(r"\br\.(\w+)", sql))):
        return f"it reads r.{min(given)}, which nobody is asked to give up: no would_help"
    for name, text in staff.items():
        for figure in _FIGURE.findall(text):
            if figure not in FIGURES:
                return f"{name} shows {figure}: a figure is a fact of r, or place_… for one of v"
    for name, text in plain.items():
        if "%" in text:
            return f"{name} is read by a household: no figure stands in it"
        for sentence in re.split(r"(?<=[.?!])\s+", text):
            if len(sentence.split()) > LONGEST:
                return f"{name} is longer than {LONGEST} words: {sentence!r}"
    return None


def predicate(
    criterion: Criterion, bind: Callable[[str, Any], str], settings: Mapping[str, Any], on: str
) -> str:
    """Its SQL with places for what is bound: `bind(type, value)` gives each its number.

    `on` is the place of the day.
    """

    def tag(found: re.Match[str]) -> str:
        key = bind("text", found.group(1))
        # The array holds every tag that has not ended: only a hit looks at the dates.
        return (
            f"(coalesce(r.tags @> ARRAY[{key}], false) "  # noqa: S608 -- what is bound
            "AND EXISTS (SELECT 1 FROM request_tag t "
            f"WHERE t.territory_id = r.territory_id AND t.request_id = r.request_id "
            f"AND t.key = {key} AND t.starts_on <= {on} "
            f"AND (t.ends_on IS NULL OR t.ends_on > {on})))"
        )

    def bound(found: re.Match[str]) -> str:
        name = found.group(1)
        if name == "on":
            return on
        value = settings[name.removeprefix("setting_")]
        kind = "boolean" if isinstance(value, bool) else "int" if isinstance(value, int) else "text"
        return bind(kind, value)

    return f"({_BOUND.sub(bound, _TAG.sub(tag, criterion.sql))})"
