"""Words on the screen: catalogues read from `.po` files, dates and numbers as people write them."""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

from core.kernel.words import LANGUAGES
from core.web.unsaid import Marking

RIGHT_TO_LEFT = frozenset({"ar", "fa", "ps"})


class _Source(gettext.NullTranslations):
    """The source language counts as French does: zero is singular."""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return msgid1 if abs(n) < 2 else msgid2


@lru_cache(maxsize=64)
def catalogue(
    lang: str, folders: tuple[Path, ...], vocabulary: str = "fr", marked: bool = False
) -> gettext.NullTranslations:
    """The messages of a language, from each folder's `<lang>.po`; French is the source.

    A territory's own vocabulary is a few messages more, in `<vocabulary>/<lang>.po`, which win:
    Brussels has no 115 and no SIAO, in whatever language that is said. `marked`: for a page, where
    what is missing stands in French and is shown as such (`core.web.unsaid`).
    """
    foreign = marked and lang.split("@")[0] != "fr"
    merged: gettext.NullTranslations = Marking() if foreign else _Source()
    names = [f"{lang}.po", f"{vocabulary}/{lang}.po"]
    for path in (folder / name for name in names for folder in folders):
        if not path.exists():
            continue
        compiled = io.BytesIO()
        with path.open("rb") as source:
            write_mo(compiled, read_po(source, locale=lang.replace("@", "_")))
        compiled.seek(0)
        translations = gettext.GNUTranslations(compiled)
        translations.add_fallback(merged)
        merged = translations
    return merged


def preferred(header: str, spoken: Sequence[str]) -> str:
    """The first of these languages that an `Accept-Language` asks for; else the first of them.

    Browsers write the header in the order they prefer: its weights are not read.
    """
    wanted = [part.split(";")[0].split("-")[0].strip() for part in header.lower().split(",")]
    return next((lang for lang in wanted if lang in spoken), spoken[0])


def direction(lang: str) -> str:
    """'rtl' or 'ltr'."""
    return "rtl" if lang in RIGHT_TO_LEFT else "ltr"


@lru_cache(maxsize=16)
def locale(lang: str) -> Locale:
    return Locale.parse(lang)


def format_date(value: date | None, lang: str = "fr", style: str = "long") -> str:
    """12 mars 2026, 1er juin 2026; '' for no date."""
    return _first(babel_date(value, style, locale(lang)), value, lang) if value else ""


def format_datetime(value: datetime | None, lang: str = "fr", zone: str = "Europe/Paris") -> str:
    """12 mars 2026, 14:30, in the territory's time; '' for none."""
    if value is None:
        return ""
    local, words = value.astimezone(ZoneInfo(zone)), locale(lang)
    day = _first(babel_date(local, "long", words), local, lang)
    return f"{day}, {babel_time(local, 'short', locale=words)}"


def _first(said: str, value: date, lang: str) -> str:
    """French says "1er" for the first of a month, which CLDR's patterns do not."""
    return f"1er{said[1:]}" if lang == "fr" and value.day == 1 and said[:2] == "1 " else said


def format_phone(number: str, country: str = "FR") -> str:
    """A number as people read it aloud: pairs of figures at home, the country's code abroad.

    One that is no number is left as it was written.
    """
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_possible_number(parsed):
        return number
    home = phonenumbers.country_code_for_region(country) == parsed.country_code
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, form.NATIONAL if home else form.INTERNATIONAL)


def format_number(value: float | int | None, lang: str = "fr") -> str:
    """1 234,5; '' for none."""
    return "" if value is None else format_decimal(value, locale=locale(lang))


def format_money(cents: int | None, lang: str = "fr", currency: str = "EUR") -> str:
    """1 398,69 € from cents; '' for none."""
    return "" if cents is None else format_currency(cents / 100, currency, locale=locale(lang))


def languages(langs: Iterable[str]) -> list[tuple[str, str]]:
    """(code, endonym) of the languages a territory speaks."""
    return [(lang, LANGUAGES.get(lang, lang)) for lang in langs]
