"""What a territory may tune: typed fields with defaults, bounds and words, declared as a dataclass.

```python
@dataclass(frozen=True)
class Settings:
    warn_days: int = number(14, 1, 90, "Prévenir avant l’échéance", unit="jours")
```

Core's own settings and each plugin's are made with these, and shown by one generated form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any

from core.kernel.errors import Invalid
from core.kernel.words import N_

OF_THE_FORM = frozenset({"starts_on", "why", "version"})
"""Names that the generated form needs for itself."""

LONGEST = 500
"""Letters of a setting that is a text."""


@dataclass(frozen=True, slots=True)
class Tunable:
    """How one setting is shown and judged. `unit` and `group` are msgids; bounds are included."""

    name: str
    label: str
    help: str
    kind: str
    default: Any
    group: str = ""
    unit: str = ""
    low: int = 0
    high: int = 0
    choices: tuple[tuple[str, str], ...] = ()

    def read(self, typed: str) -> Any:
        """The value that a person typed; raises Invalid with what would be right."""
        if self.kind == "bool":
            return self.check(typed in ("yes", "true", "1"))
        if self.kind in ("choice", "words"):
            return self.check(typed.strip())
        plain = typed.strip().replace(" ", "").replace("\u202f", "")
        if not plain.isdecimal():
            raise Invalid({self.name: N_("Indiquez un nombre entier.")})
        return self.check(int(plain))

    def check(self, value: Any) -> Any:
        """The value itself, or Invalid: the type and the bounds hold whoever writes it."""
        if self.kind == "bool":
            if not isinstance(value, bool):
                raise Invalid({self.name: N_("Répondez par oui ou par non.")})
        elif self.kind == "choice":
            if value not in dict(self.choices):
                raise Invalid({self.name: N_("Choisissez une réponse de la liste.")})
        elif self.kind == "words":
            if not isinstance(value, str) or len(value) > LONGEST:
                raise Invalid({self.name: N_("Ce texte est trop long.")})
        elif not isinstance(value, int) or isinstance(value, bool):
            raise Invalid({self.name: N_("Indiquez un nombre entier.")})
        elif not self.low <= value <= self.high:
            raise Invalid({self.name: N_("Cette valeur est hors des limites indiquées.")})
        return value

    def takes(self, value: Any) -> bool:
        """Whether a stored value still fits."""
        try:
            self.check(value)
        except Invalid:
            return False
        return True


def number(
    default: int,
    low: int,
    high: int,
    label: str,
    help: str = "",
    *,
    unit: str = "",
    group: str = "",
) -> Any:
    """A whole number between two bounds, both included."""
    about = {"kind": "int", "low": low, "high": high, "unit": unit}
    return field(default=default, metadata={**about, "label": label, "help": help, "group": group})


def yes_no(default: bool, label: str, help: str = "", *, group: str = "") -> Any:
    """A box to tick."""
    about = {"kind": "bool", "label": label, "help": help, "group": group}
    return field(default=default, metadata=about)


def choice(
    default: str, choices: Mapping[str, str], label: str, help: str = "", *, group: str = ""
) -> Any:
    """One of a few codes, each with its words."""
    about = {"kind": "choice", "choices": tuple(choices.items())}
    return field(default=default, metadata={**about, "label": label, "help": help, "group": group})


def words(default: str, label: str, help: str = "", *, group: str = "") -> Any:
    """A short text, in the territory's own words."""
    about = {"kind": "words", "label": label, "help": help, "group": group}
    return field(default=default, metadata=about)


@cache
def tunables_of(kind: type) -> Mapping[str, Tunable]:
    """Every setting of a type by name, in the order to show them.

    Raises TypeError with what to change: a field that was not made here has no words to be shown
    by, and a default that its own bounds refuse could never be chosen again.
    """
    if not (isinstance(kind, type) and is_dataclass(kind)):
        raise TypeError(f"{kind!r} is not a dataclass")
    if not kind.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        raise TypeError(f"{kind.__name__} must be frozen: @dataclass(frozen=True)")
    found = {}
    for one in fields(kind):
        if one.name in OF_THE_FORM:
            raise TypeError(f"{kind.__name__}.{one.name}: the form has this name, choose another")
        if "kind" not in one.metadata:
            raise TypeError(
                f"{kind.__name__}.{one.name} has no words: make it with number, yes_no, choice or "
                "words of core.extension.tunables"
            )
        tunable = Tunable(name=one.name, default=one.default, **one.metadata)
        try:
            tunable.check(one.default)
        except Invalid as error:
            raise TypeError(
                f"{kind.__name__}.{one.name}: its default {one.default!r} is refused: "
                f"{error.errors[one.name]}"
            ) from error
        found[one.name] = tunable
    return found


def known_tunable(known: Mapping[str, Tunable], name: str) -> Tunable:
    """One setting; an unknown name is refused."""
    if name not in known:
        raise Invalid({name: N_("Ce réglage n’existe pas.")})
    return known[name]
