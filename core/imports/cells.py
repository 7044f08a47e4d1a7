"""One parser per kind of cell. Each returns `(value, problem)` and never raises.

An empty cell is `(None, None)`: nobody asked. What was refused or is not known is a value.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

import phonenumbers

from core.imports.keys import clean, fold
from core.imports.names import NOBODY, is_formula
from core.imports.problems import Problem

Answer = Literal["yes", "no", "refused", "unknown"]
"""Three of the four answers and "no"; the fourth, "not asked", is None."""
Sex = Literal["female", "male", "other"]
Role = Literal["main", "partner", "child", "other"]

TEXT_LIMIT = 4_000
MONEY_LIMIT = 2_000_000
"""Cents a month: above 20,000 € the column holds something else."""


def parse_text(text: str) -> tuple[str | None, Problem | None]:
    """Free text, kept as written; what begins like a formula stays text and is flagged."""
    written = text.strip(" \xa0\u202f\n")
    if not written:
        return None, None
    if len(written) > TEXT_LIMIT:
        return None, Problem("text_too_long", {"limit": TEXT_LIMIT})
    return written.strip(), Problem("formula") if is_formula(written) else None


def parse_key(text: str) -> tuple[str | None, Problem | None]:
    """A number that identifies: `67-2024-00001`, `G100`, `1042.0` as spreadsheets leave it."""
    if len(text) <= 80 and text.replace("-", "").isalnum():
        return text, None
    written = clean(text)
    if not written:
        return None, None
    if re.fullmatch(r"\d[.,]\d+E\+\d+", written, re.IGNORECASE):
        return None, Problem("number_rounded")
    if len(written) > 80:
        return None, Problem("text_too_long", {"limit": 80})
    return re.sub(r"^(\d+)\.0+$", r"\1", written), None


_SEXES: dict[str, Sex] = {
    **dict.fromkeys(("f", "feminin", "femme", "fille", "female", "woman", "mme", "madame",
                     "mlle", "melle", "2", "fem"), "female"),
    **dict.fromkeys(("m", "h", "masculin", "homme", "garcon", "male", "man", "mr", "monsieur",
                     "1", "masc"), "male"),
    **dict.fromkeys(("autre", "x", "other", "non binaire", "neutre", "indetermine"), "other"),
}  # fmt: skip


def parse_sex(text: str) -> tuple[Sex | None, Problem | None]:
    words = fold(text[:40])
    if not words or words in _UNSAID:
        return None, None
    value = _SEXES.get(words)
    return value, None if value else Problem("sex_unknown")


_ROLES: tuple[tuple[Role, str], ...] = (
    ("main", r"demandeur principal|dp|demandeur|principal|main|chef de famille|personne seule"
     r"|monsieur seul|madame seule|head|main applicant|titulaire|contact principal|demandeuse"
     r"|demandeuse principale|reference|personne de reference|applicant"),
    ("partner", r"conjoint\w*|epou\w+|mari|compagn\w+|concubin\w*|partenaire|pacse\w*|partner"
     r"|spouse|codemandeur|co demandeur|wife|husband|femme|conjoint e"),
    ("child", r"enfants?|fils|fille|bebe|nouveau ne|mineur|child|son|daughter|enfant \w+"
     r"|enfant a charge|beau fils|belle fille|nourrisson|enfant a naitre"),
    ("other", r"autre.*|parent|mere|pere|ascendant|frere|soeur|ami|cousin\w*|oncle|tante"
     r"|grand (?:mere|pere)|grand parent|neveu|niece|membre|other|adulte|personne a charge"),
)  # fmt: skip
_ROLE_PATTERNS = tuple((role, re.compile(pattern)) for role, pattern in _ROLES)


def parse_role(text: str) -> tuple[Role | None, Problem | None]:
    """The place in the household; empty stays empty, the grouping may deduce it."""
    words = fold(text[:60])
    if not words or words in _UNSAID:
        return None, None
    for role, pattern in _ROLE_PATTERNS:
        if pattern.fullmatch(words):
            return role, None
    return None, Problem("role_unknown")


_UNSAID = {"non renseigne", "nr", "vide", "null", "none", "na", "n a", "non demande"}
_ANSWERS: dict[str, Answer] = {
    **dict.fromkeys(("oui", "o", "yes", "y", "1", "vrai", "true", "x", "ok", "ja", "inscrit"),
                    "yes"),
    **dict.fromkeys(("non", "n", "no", "0", "faux", "false", "neant", "aucun", "aucune", "nee",
                     "non inscrit", "ne releve pas"), "no"),
    **dict.fromkeys(("ne souhaite pas repondre", "refus", "refuse", "refuse de repondre",
                     "refus de repondre", "nspr", "ne veut pas repondre", "refused",
                     "ne se prononce pas", "non souhaite"), "refused"),
    **dict.fromkeys(("nsp", "ne sait pas", "inconnu", "inconnue", "unknown", "nc",
                     "non connu", "ne sais pas"), "unknown"),
}  # fmt: skip
_QUALIFIED = re.compile(r"(oui|non|yes|no) (.*)")


class Reply(NamedTuple):
    """An answer and what was written beside it: `Oui - 12/03/2026`, `En cours`."""

    answer: Answer | None
    detail: str | None


def parse_answer(text: str) -> tuple[Reply | None, Problem | None]:
    """One of the four answers. `En cours` is no answer yet: unknown, with its words kept."""
    words = fold(text[:200])
    if not words:
        mark = text.strip()
        return (Reply("yes", None), None) if mark in ("✓", "✔", "☑") else (None, None)
    if words in _UNSAID:
        return None, None
    if (answer := _ANSWERS.get(words)) is not None:
        return Reply(answer, None), None
    if match := _QUALIFIED.fullmatch(words):
        detail = clean(text).split(maxsplit=1)[-1].lstrip("-–:(, ").rstrip(")")
        return Reply(_ANSWERS[match[1]], detail), None
    if words.startswith(("en cours", "depose", "recours", "demande en cours")):
        return Reply("unknown", clean(text[:200])), None
    return None, Problem("answer_unreadable")


_FRENCH = re.compile(r"(?:0|\+33(?:\(0\))?0?|0033)([1-9]\d{8})")
_BLANKS = str.maketrans("", "", " .-\xa0\u202f\u2011")


def parse_phone(text: str, *, region: str = "FR") -> tuple[str | None, Problem | None]:
    """The number in international form, `+33612345678`."""
    bare = text.translate(_BLANKS)
    if not bare:
        return None, None
    # ten digits the French way need no library: this is most of every file
    if region == "FR" and (match := _FRENCH.fullmatch(bare)):
        return "+33" + match[1], None
    if fold(text[:40]) in NOBODY | {"aucun", "pas de telephone", "sans", "neant", "non"}:
        return None, None
    problem = None
    parts = [part for part in re.split(r"[/,;|\n]|\bou\b|\bet\b", text[:200]) if part.strip()]
    if len(parts) > 1:
        problem = Problem("phone_several")
    for part in parts[:4]:
        bare = part.translate(_BLANKS)
        if region == "FR" and re.fullmatch(r"[1-9]\d{8}", bare):
            return "+33" + bare, problem or Problem("phone_zero_added")
        try:
            number = phonenumbers.parse(part, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), problem
    return None, Problem("phone_invalid")


_EMAIL = re.compile(r"[^\s@<>()\",;:]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?\.[a-z]{2,24}")


def parse_email(text: str) -> tuple[str | None, Problem | None]:
    written = text.strip(" \t\r\n\xa0<>").removeprefix("mailto:")
    if not written or fold(written[:40]) in NOBODY | {"aucun", "neant", "non", "pas de mail"}:
        return None, None
    lower = written.lower()
    valid = len(lower) <= 254 and ".." not in lower and _EMAIL.fullmatch(lower)
    return (lower, None) if valid else (None, Problem("email_invalid"))


_AMOUNT = re.compile(r"[+-]?\d[\d.,']*")
_UNIT = re.compile(r"(?:€|eur(?:os?)?|e)?(?:/mois|parmois|mensuels?|/m|net)?$", re.IGNORECASE)


def parse_money(text: str) -> tuple[int | None, Problem | None]:
    """A monthly amount in cents: `1 398,69`, `1398.69 €`, `1.398,69`, `1398`.

    A lone separator followed by three digits parts thousands (`1.398` is 1398 €).
    """
    bare = "".join(text.split()).replace("\u2019", "'").lstrip("€")
    if not bare or bare in ("-", "—", "–"):
        return None, None
    if fold(text[:40]) in NOBODY | {"nsp", "neant", "inconnu", "ne sait pas"}:
        return None, None
    bare = _UNIT.sub("", bare[:60], count=1)
    if not bare.isascii() or not _AMOUNT.fullmatch(bare):
        return None, Problem("money_unreadable")
    if bare.startswith("-"):
        return None, Problem("money_negative")
    bare = bare.lstrip("+").replace("'", "")
    whole, cents = _decimals(bare)
    if whole is None:
        return None, Problem("money_unreadable")
    value = whole * 100 + cents
    return (value, None) if value <= MONEY_LIMIT else (None, Problem("money_implausible"))


def _decimals(bare: str) -> tuple[int | None, int]:
    """Whole and hundredths: the last separator is the decimal one unless it parts thousands."""
    at = max(bare.rfind("."), bare.rfind(","))
    if at < 0:
        return int(bare[:15]), 0
    mark, tail = bare[at], bare[at + 1 :]
    head = bare[:at]
    other = "," if mark == "." else "."
    thousands = len(tail) == 3 and other not in head and re.fullmatch(r"\d{1,3}", head)
    if (thousands and head != "0") or head.count(mark):
        groups = bare.split(mark)
        if other in bare or any(len(group) != 3 for group in groups[1:]):
            return None, 0
        return int("".join(groups)[:15]), 0
    digits = head.replace(other, "")
    if other in head and not re.fullmatch(rf"\d{{1,3}}(?:\{other}\d{{3}})+", head):
        return None, 0
    if not digits.isdigit() or (tail and not tail.isdigit()):
        return None, 0
    return int(digits[:15]), round(int(tail[:4] or 0) * 100 / 10 ** len(tail[:4])) if tail else 0


_COUNT = re.compile(r"(\d{1,3})(?:[.,]0+)?(?:\s*(?:pers(?:onnes?)?|p)\.?)?", re.IGNORECASE)


def parse_number(text: str) -> tuple[int | None, Problem | None]:
    """A number of persons, 1 to 40."""
    written = text.strip()
    if not written:
        return None, None
    match = _COUNT.fullmatch(written) if written.isascii() else None
    if match and 1 <= int(match[1]) <= 40:
        return int(match[1]), None
    return None, Problem("number_unreadable")


def parse_housing_number(text: str) -> tuple[str | None, Problem | None]:
    """The *numéro unique* of a social housing request: 17 or 18 characters, kept as text."""
    bare = "".join(text.split()).lstrip("'").upper()
    if not bare or fold(text[:40]) in NOBODY | {"non", "aucun", "neant", "en cours"}:
        return None, None
    if re.fullmatch(r"\d[.,]\d+E\+?\d+", bare):
        return None, Problem("number_rounded")
    bare = bare.replace("-", "")
    if len(bare) == 16 and bare.isdigit():
        # a spreadsheet took the zero of departments 01 to 09, and rounded the rest with it
        return None, Problem("number_rounded")
    if re.fullmatch(r"[0-9][0-9A-Z][0-9A-Z]{15,16}", bare) and bare.isascii():
        return bare, None
    return None, Problem("housing_number_invalid")
