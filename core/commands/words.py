"""`seuil words`: the messages of faces that speak several languages, gathered and checked."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from core import own
from core.accounts.service import AT_THE_DOOR
from core.commands.portal_words import KEYWORDS, said_in, taken_by_portal
from core.commands.site import one_line
from core.extension.discovery import Plugin
from core.extension.registry import Registry
from core.kernel.errors import SeuilError
from core.kernel.words import COMPLETE, UNREVIEWED
from core.spoken import resident_sentences, standing_sentences, told_by

CORE = Path(__file__).parent.parent

SHARED = ("templates", "web", "accounts/throttle.py")
"""Of core, what the pages of any face may show; rules are asked for their sentences instead."""

SHOWN_BY_A_PLUGIN = ("portal.py", "templates/portal")
"""Of a plugin, what its pages on the portal show; and of its other modules what portal.py takes."""

OPENING = (
    *("base.html", "ui.html", "fields.html", "throttle.py", "landing.html", "errors.py", "door.py"),
    *("layout.html", "home.html", "signin.html", "home.py", "signin.py", "pathway.py"),
)
"""What every other language says first: the layout, the way in and the first page."""


@dataclass(frozen=True)
class Domain:
    """One folder of messages: who owns it, and what its files and rules say."""

    name: str
    folder: Path
    msgids: tuple[str | tuple[str, str], ...]
    opening: frozenset[str]

    def file(self, lang: str) -> Path:
        return self.folder / f"{lang}.po"

    def languages(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("*.po"))


def domains(registry: Registry | None = None) -> list[Domain]:
    """Core's shared messages, then each face that speaks several languages, then each plugin."""
    registry = registry or Registry.build({"core": own})
    shared = _read(CORE / part for part in SHARED)
    spoken = resident_sentences(registry)
    doors = [text for face in registry.faces.values() for text in (face.door, face.door_text)]
    found = [
        Domain(
            "core",
            CORE / "locale",
            tuple(dict.fromkeys([*(m for m, _ in shared), *spoken, *doors])),
            frozenset([*_opening(shared), *standing_sentences(), *AT_THE_DOOR, *doors]),
        )
    ]
    for face in registry.faces.values():
        if not face.languages:
            continue
        home = face.templates.parent
        pairs = _read([home])
        found.append(
            Domain(
                face.name,
                home / "locale",
                tuple(dict.fromkeys(m for m, _ in pairs)),
                frozenset(_opening(pairs)),
            )
        )
    return [*found, *(plugin_domain(registry, p) for p in registry.plugins.values() if p.path)]


def plugin_domain(registry: Registry, plugin: Plugin) -> Domain:
    """What residents may read of a plugin: its portal pages with what they take from its other
    modules, and its events."""
    assert plugin.path is not None
    shown = [plugin.path / part for part in SHOWN_BY_A_PLUGIN if (plugin.path / part).exists()]
    taken = [m for source in taken_by_portal(plugin) for m in said_in(source)]
    said = [text for text in told_by(registry, plugin.name) if text]
    msgids = dict.fromkeys([*(m for m, _ in _read(shown)), *taken, *said])
    return Domain(plugin.name, plugin.path / "locale", tuple(msgids), frozenset())


def _opening(pairs: Iterable[tuple[str | tuple[str, str], str]]) -> Iterator[str]:
    for msgid, name in pairs:
        if name in OPENING:
            yield msgid if isinstance(msgid, str) else msgid[0]


def _read(places: Iterable[Path]) -> list[tuple[str | tuple[str, str], str]]:
    """(msgid, file name) of every message under these places, tests left out."""
    found = []
    for place in places:
        files = [place] if place.is_file() else sorted(place.rglob("*"))
        for path in files:
            if path.suffix not in (".py", ".html") or "tests" in path.parts:
                continue
            method = "python" if path.suffix == ".py" else "jinja2"
            options = (
                {} if method == "python" else {"silent": "false", "extensions": "jinja2.ext.do"}
            )
            for _, msgid, _, _ in extract_from_file(
                method, path, keywords=KEYWORDS, options=options
            ):
                pair = (msgid[0], msgid[1]) if isinstance(msgid, tuple) else msgid
                found.append((pair, path.name))
    return found


def load(path: Path) -> Catalog:
    """The messages of a file; an empty catalogue where there is none."""
    lang = path.stem.replace("@", "_")
    if not path.exists():
        return Catalog(locale=lang)
    with path.open("rb") as source:
        return read_po(source, locale=lang)


def gather(domain: Domain, lang: str) -> bytes:
    """The domain's messages in a language, sorted, without places; what was translated is kept."""
    known = load(domain.file(lang))
    fresh = Catalog(locale=lang.replace("@", "_"))
    for msgid in domain.msgids:
        before = known.get(msgid if isinstance(msgid, str) else msgid[0])
        fresh.add(msgid, string=before.string if before and before.string else None)
    out = io.BytesIO()
    write_po(out, fresh, no_location=True, omit_header=True, sort_output=True, width=100)
    title = f"# {domain.name}, {lang}: written by `seuil words extract`; translate msgstr.\n"
    if lang in UNREVIEWED:
        title += "# No native speaker has reviewed it yet: the pages say so.\n"
    return title.encode() + b"\n" + out.getvalue().strip() + b"\n"


def missing(domain: Domain, lang: str) -> list[str]:
    """What must be said in that language and is not, or is said with other places than asked."""
    catalogue = load(domain.file(lang))
    faults = []
    for msgid in domain.msgids:
        first = msgid if isinstance(msgid, str) else msgid[0]
        if lang not in COMPLETE and first not in domain.opening:
            continue
        message = catalogue.get(first)
        strings = _strings(message)
        if not strings or not all(strings):
            faults.append(f"{domain.name}/{lang}: not translated: {first}")
        elif message is not None and list(_misplaced(message)):
            faults.append(f"{domain.name}/{lang}: other places than in French: {first}")
    return faults


def strayed(registry: Registry | None = None) -> list[str]:
    """What a territory's own words say that the pages no longer do, or with other places."""
    registry = registry or Registry.build({"core": own})
    homes = [CORE, *(face.templates.parent for face in registry.faces.values())]
    known = {m if isinstance(m, str) else m[0] for m, _ in _read(homes)}
    known.update(resident_sentences(registry))
    faults = []
    for home in homes:
        for path in sorted((home / "locale").glob("*/*.po")):
            name = f"{home.name}/{path.parent.name}/{path.stem}"
            for message in load(path):
                if message.id and message.id not in known:
                    faults.append(f"{name}: no page says: {message.id}")
                elif message.id and (not message.string or any(_misplaced(message))):
                    faults.append(f"{name}: empty, or other places than in French: {message.id}")
    return faults


def _strings(message: Message | None) -> Sequence[str]:
    if message is None or not message.string:
        return ()
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def _misplaced(message: Message) -> Iterator[str]:
    wanted = _places(message.id if isinstance(message.id, str) else message.id[1])
    for string in _strings(message):
        if not _places(string) <= wanted:
            yield string


def _places(text: str) -> set[str]:
    return {part.split(")")[0] for part in text.split("%(")[1:]}


@click.group()
def words() -> None:
    """Messages: extract, check."""


@words.command()
@click.option("--lang", "langs", multiple=True, help="Another language to begin.")
@one_line
def extract(langs: tuple[str, ...]) -> None:
    """Write each language's messages anew: new ones empty, old ones kept, gone ones left out."""
    for domain in domains():
        domain.folder.mkdir(exist_ok=True)
        for lang in sorted({*domain.languages(), *langs, *COMPLETE}):
            domain.file(lang).write_bytes(gather(domain, lang))
            empty = len(missing(domain, lang))
            click.echo(f"{domain.name}/{lang}: {len(domain.msgids)} messages, {empty} to translate")


@words.command()
@one_line
def check() -> None:
    """Say what is not translated; fail when something is."""
    faults = [
        fault
        for domain in domains()
        for lang in sorted({*domain.languages(), *COMPLETE})
        for fault in missing(domain, lang)
    ] + strayed()
    for fault in faults:
        click.echo(fault)
    if faults:
        raise SeuilError(f"{len(faults)} messages to translate or to mend.")
    click.echo("Everything that must be translated is.")
