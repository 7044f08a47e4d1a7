"""What a letter says: blocks of sentences, put into one language, kept word for word. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from core.kernel.words import N_, Sentence


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in cents, said the way of the reader's language."""

    cents: int


Value = Sentence | str | date | datetime | Money
"""What may stand in a letter: a sentence of ours, or words, a day or an amount as they are."""

Kind = Literal["text", "head", "facts", "list", "words", "due", "slip", "code"]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a letter: a paragraph (`text`), a heading, facts in two columns, a list, words as
    somebody wrote them, a last day to be seen first (`due`), boxes to tick and send back (`slip`),
    a code with its square to aim a telephone at."""

    kind: Kind
    lines: tuple[Value, ...] = ()
    rows: tuple[tuple[Sentence, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter before it is in anybody's language."""

    title: Sentence
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Tongue:
    """How one language says things. `lang` without its variant, `gettext` gives the sentence."""

    lang: str
    dir: str
    gettext: Callable[[str], str]
    day: Callable[[date], str]
    moment: Callable[[datetime], str]
    money: Callable[[int], str]
    reviewed: bool = True

    def has(self, msgid: str) -> bool:
        """Whether the catalogue says it: a letter half in French would be read by nobody."""
        return self.lang == "fr" or self.gettext(msgid) != msgid


@dataclass(frozen=True)
class Voice:
    """Who writes: what a territory's messages say of it, in each language it speaks."""

    langs: tuple[str, ...]
    country: str
    tongue: Callable[[str], Tongue]
    portal: Callable[[str], str]
    team: str
    phone: str
    emergency: str

    def speaks(self, lang: str) -> str:
        """The language to write to somebody in."""
        return lang if lang in self.langs else self.langs[0]


FOOT = {
    "question": N_("Une question ? Appelez l’équipe : %(phone)s."),
    "nowhere": N_("Sans abri ce soir ? Appelez le %(phone)s, jour et nuit."),
    "unreviewed": N_("Personne n’a encore relu cette traduction."),
    "hello": N_("Bonjour %(name)s,"),
}
"""What every letter says besides."""


def text(msgid: str, **params: Any) -> Block:
    """A paragraph of one sentence or two."""
    return Block("text", (Sentence(msgid, params),))


def head(msgid: str) -> Block:
    """A heading inside the letter."""
    return Block("head", (Sentence(msgid),))


def points(sentences: Iterable[Value]) -> Block:
    """A list, one thing a line."""
    return Block("list", tuple(sentences))


def _sentences(letter: Letter) -> Iterable[str]:
    values: list[Value] = [letter.title]
    for block in letter.blocks:
        values += [*block.lines, *(part for row in block.rows for part in row)]
    for value in values:
        if isinstance(value, Sentence):
            yield value.msgid
            yield from (v.msgid for v in value.params.values() if isinstance(v, Sentence))


def _say(value: Any, tongue: Tongue) -> str:
    if isinstance(value, Sentence):
        said = tongue.gettext(value.msgid)
        params = {name: _say(v, tongue) for name, v in value.params.items()}
        return said % params if params else said
    if isinstance(value, Money):
        return tongue.money(value.cents)
    if isinstance(value, datetime):
        return tongue.moment(value)
    if isinstance(value, date):
        return tongue.day(value)
    return str(value)


def _part(letter: Letter, tongue: Tongue, name: str, voice: Voice) -> dict[str, Any]:
    """The letter in one language, as it is kept."""
    foot = []
    if voice.phone:
        foot.append(Sentence(FOOT["question"], {"phone": voice.phone}))
    if voice.emergency:
        foot.append(Sentence(FOOT["nowhere"], {"phone": voice.emergency}))
    if not tongue.reviewed:
        foot.append(Sentence(FOOT["unreviewed"]))
    return {
        "lang": tongue.lang,
        "dir": tongue.dir,
        "title": _say(letter.title, tongue),
        "hello": _say(Sentence(FOOT["hello"], {"name": name}), tongue),
        "blocks": [
            {
                "kind": block.kind,
                "lines": [_say(line, tongue) for line in block.lines],
                "rows": [[_say(part, tongue) for part in row] for row in block.rows],
            }
            for block in letter.blocks
        ],
        "foot": [_say(line, tongue) for line in foot],
    }


def put(
    letter: Letter,
    voice: Voice,
    *,
    language: str,
    given: str,
    family: str,
    address: str,
    on: date,
    sender: str = "",
) -> dict[str, Any]:
    """The letter in the person's language, and in French under it for who helps them read.

    In French alone where their language lacks one of its sentences. What comes back is all that is
    printed: it is kept with the notice, and prints the same words on any later day.
    """
    lang = voice.speaks(language)
    tongues = [voice.tongue(lang)]
    if not all(tongues[0].has(msgid) for msgid in _sentences(letter)):
        tongues = []
    if not tongues or (tongues[0].lang != "fr" and "fr" in voice.langs):
        tongues.append(voice.tongue("fr"))
    return {
        "version": 1,
        "on": on.isoformat(),
        "to": {"name": f"{given} {family}".strip(), "address": address},
        "from": {"team": voice.team, "sender": sender},
        "parts": [_part(letter, tongue, given, voice) for tongue in tongues],
    }


def lines_of(address: str) -> list[str]:
    """An address as it is written on an envelope, a line each."""
    return [line.strip() for line in address.replace(",", "\n").splitlines() if line.strip()]


def plain(content: Mapping[str, Any]) -> str:
    """A kept letter's first part as plain text: for a test, or a screen that shows no form."""
    part = content["parts"][0]
    said = [part["title"], part["hello"]]
    for block in part["blocks"]:
        said += [*block["lines"], *(" : ".join(row) for row in block["rows"])]
    return "\n".join([*said, *part["foot"]])
