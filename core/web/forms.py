"""A form as it was sent: what was typed is kept, mistakes stand beside their field."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from core.kernel.errors import Invalid
from core.kernel.words import N_

ANSWERS = {"yes": 1, "no": 2, "refused": 3, "unknown": 4}
"""The four answers as a form sends them, with the state that is stored; none sent: not asked."""


_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")


def whole(text: str, digits: int = 17) -> int | None:
    """A number as an address or a hidden field carries it; None for anything else.

    `digits` keeps it within what its column holds: 17 for an id, 9 for a line.
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None


def since(text: str) -> tuple[dt.date, int] | None:
    """Where a list by date goes on, as its address carries it: "2026-11-22.41", a day and an id.

    An address that was tampered with begins at the start.
    """
    day, _, number = text.partition(".")
    row_id = whole(number)
    try:
        return (dt.date.fromisoformat(day), row_id) if row_id is not None else None
    except ValueError:
        return None


class Form:
    """Values by name (each a list), mistakes by name, and the key that makes the command act once.

    Parsing methods note a mistake and answer None; `check()` raises Invalid with all of them.
    """

    def __init__(
        self,
        values: Mapping[str, Any] | None = None,
        errors: Mapping[str, str] | None = None,
        csrf: str = "",
        key: UUID | None = None,
    ) -> None:
        self._values = {
            name: [str(v) for v in value] if isinstance(value, (list, tuple)) else [str(value)]
            for name, value in (values or {}).items()
            if value is not None
        }
        self.errors: dict[str, str] = dict(errors or {})
        self.csrf = csrf
        self._key = key

    @property
    def key(self) -> UUID:
        """The command's key: the one that was sent, or a new one for a fresh form."""
        if self._key is None:
            try:
                self._key = UUID(self.value("_key"))
            except ValueError:
                self._key = uuid4()
        return self._key

    def value(self, name: str) -> str:
        """What was typed, stripped; '' when nothing was."""
        values = self._values.get(name)
        return values[0].strip() if values else ""

    def all(self, name: str) -> list[str]:
        """Every value of a field that may be given several times."""
        return [v.strip() for v in self._values.get(name, []) if v.strip()]

    def error(self, name: str) -> str | None:
        return self.errors.get(name)

    def names(self) -> Iterable[str]:
        """Fields that were sent, without the form's own."""
        return [n for n in self._values if not n.startswith("_")]

    def clean(self) -> Form:
        """Without the NUL that PostgreSQL cannot keep: noted as a mistake, the rest is kept."""
        for name, values in self._values.items():
            if any("\x00" in value for value in values):
                self._values[name] = [value.replace("\x00", "") for value in values]
                self.wrong(name, N_("Ce texte contient un caractère qui ne peut pas être gardé."))
        return self

    def dump(self) -> dict[str, list[str]]:
        """All values, for a draft."""
        return {n: v for n, v in self._values.items() if not n.startswith("_")}

    def words(self) -> dict[str, str]:
        """What a person wrote with their own words: to give it back when nothing was sent."""
        return {n: self.value(n) for n in ("text", "words") if self.value(n)}

    def wrong(self, name: str, message: str) -> None:
        """Note a mistake beside a field; the first one stays."""
        self.errors.setdefault(name, message)

    def check(self) -> None:
        """Raise what was found wrong so far."""
        if self.errors:
            raise Invalid(self.errors)

    # -- parsing ------------------------------------------------------------------------------

    def required(self, name: str, message: str = N_("Ce champ est nécessaire.")) -> str:
        text = self.value(name)
        if not text:
            self.wrong(name, message)
        return text

    def text(self, name: str, longest: int = 2000) -> str:
        text = self.value(name)
        if "\x00" in text:
            self.wrong(name, N_("Ce texte contient un caractère qui ne peut pas être gardé."))
            return text.replace("\x00", "")
        if len(text) > longest:
            self.wrong(name, N_("Ce texte est trop long."))
        return text

    def phone(self, name: str, longest: int = 50) -> str:
        """A number as people write it ("115", "06 12 34 56 78 (sa sœur)"): three digits or more."""
        text = self.text(name, longest)
        if text and sum(c.isdigit() for c in text) < 3:
            self.wrong(name, N_("Indiquez un numéro de téléphone, par exemple 06 12 34 56 78."))
        return text

    def email(self, name: str, longest: int = 200) -> str:
        """An address one can write to, as far as its shape tells."""
        text = self.text(name, longest)
        if text and not _EMAIL.fullmatch(text):
            self.wrong(name, N_("Indiquez une adresse e-mail, par exemple nom@exemple.fr."))
        return text

    def date(self, name: str, required: bool = False) -> dt.date | None:
        text = self.value(name)
        if not text:
            if required:
                self.wrong(name, N_("Indiquez une date."))
            return None
        try:
            found = _read_date(text)
        except ValueError:
            self.wrong(name, N_("Cette date n’existe pas. Exemple : 31/12/2025."))
            return None
        if not 1900 <= found.year <= 2200:
            self.wrong(name, N_("Cette date n’est pas possible."))
            return None
        return found

    def birth(self, name: str) -> dt.date | None:
        """Three fields, day, month and year; some people have only a year (1 January then)."""
        day, month, year = (self.value(f"{name}_{p}") for p in ("day", "month", "year"))
        if not (day or month or year):
            return None
        try:
            found = dt.date(int(year), int(month or 1), int(day or 1))
        except (ValueError, OverflowError):
            self.wrong(name, N_("Cette date n’existe pas. Exemple : 31 12 1985."))
            return None
        if not 1900 <= found.year <= 2200:
            self.wrong(name, N_("Cette date n’est pas possible."))
            return None
        return found

    def integer(self, name: str, low: int = 0, high: int = 1_000_000) -> int | None:
        text = self.value(name).replace(" ", "").replace("\u202f", "")
        if not text:
            return None
        size = whole(text.removeprefix("-"), 18)
        number = -size if size is not None and text.startswith("-") else size
        if number is None or not low <= number <= high:
            self.wrong(name, N_("Indiquez un nombre entier possible."))
            return None
        return number

    def money(self, name: str) -> int | None:
        """Euros as people write them, in cents."""
        text = self.value(name).replace("€", "").replace("\u202f", "").replace("\u00a0", "")
        text = text.replace(" ", "").replace(",", ".")
        if not text:
            return None
        try:
            cents = round(float(text) * 100)
        except (ValueError, OverflowError):
            self.wrong(name, N_("Indiquez un montant, par exemple 635,70."))
            return None
        if not 0 <= cents <= 10_000_000:
            self.wrong(name, N_("Ce montant n’est pas possible."))
            return None
        return cents

    def choice(self, name: str, among: Iterable[Any], required: bool = False) -> str | None:
        text = self.value(name)
        if not text:
            if required:
                self.wrong(name, N_("Choisissez une réponse."))
            return None
        if text not in {str(a) for a in among}:
            self.wrong(name, N_("Choisissez une réponse de la liste."))
            return None
        return text

    def answer(self, name: str) -> int | None:
        """One of the four answers, or None: not asked."""
        text = self.choice(name, ANSWERS)
        return ANSWERS[text] if text else None


def _read_date(text: str) -> dt.date:
    if "/" in text:
        day, month, year = text.split("/")
        if not len(text) <= 10:
            raise ValueError(text)
        return dt.date(int(year), int(month), int(day))
    return dt.date.fromisoformat(text)
