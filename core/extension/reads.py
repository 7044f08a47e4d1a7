"""The SQL of a part, with its plugin's own settings of the day in it."""

from __future__ import annotations

import re
from functools import lru_cache

from core.extension.tunables import Tunable, tunables_of

_SETTING = re.compile(r"(?<!:):setting_([a-z][a-z0-9_]*)")

_FITS = {
    "int": "jsonb_typeof(value) = 'number' AND (value #>> '{{}}')::numeric "
    "BETWEEN {low} AND {high}",
    "bool": "jsonb_typeof(value) = 'boolean'",
    "choice": "value #>> '{{}}' IN ({choices})",
    "words": "jsonb_typeof(value) = 'string'",
}
_TYPES = {"int": "int", "bool": "boolean", "choice": "text", "words": "text"}


@lru_cache(maxsize=512)
def with_settings(sql: str, plugin: str, kind: type | None) -> str:
    """`sql` with each `:setting_NAME` replaced by its value on `:today`, read in the same
    statement; a stored value that no longer fits counts as none, as in `settings_of`.

    LookupError for a setting that `register_settings` of this plugin does not declare.
    """
    known = tunables_of(kind) if kind else {}

    def value(found: re.Match[str]) -> str:
        tunable = known.get(found.group(1))
        if tunable is None:
            raise LookupError(
                f"{plugin}: {found.group()} is no setting of register_settings "
                f"({', '.join(known) or 'which gives none'})"
            )
        return _value(tunable, plugin)

    return _SETTING.sub(value, sql)


def _value(tunable: Tunable, plugin: str) -> str:
    kind = _TYPES[tunable.kind]
    choices = ", ".join(_literal(key) for key, _ in tunable.choices)
    fits = _FITS[tunable.kind].format(low=tunable.low, high=tunable.high, choices=choices)
    at = f"plugin = {_literal(plugin)} AND name = {_literal(tunable.name)}"
    # Nothing here was typed by anybody: names and constants of a plugin's own code.
    return (
        f"coalesce((SELECT CASE WHEN {fits} THEN (value #>> '{{}}')::{kind} END "  # noqa: S608
        f"FROM setting WHERE {at} AND starts_on <= :today "
        f"ORDER BY starts_on DESC, id DESC LIMIT 1), {_literal(tunable.default)}::{kind})"
    )


def _literal(value: object) -> str:
    """A constant of SQL in which no place (`:today`) can be seen."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    escaped = "".join(f"\\{c}" if c in "\\'" else c for c in str(value))
    return f"E'{escaped}'".replace(":", "\\x3a")
