"""Nothing that a household may read is missing in English; gathering loses no translation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po

from core import own
from core.commands.portal_words import said_in, taken_by_portal
from core.commands.words import Domain, domains, gather, load, missing
from core.extension.discovery import Plugin
from core.extension.manifest import CONTRACT, Manifest
from core.extension.registry import Registry


@pytest.fixture(scope="module")
def found() -> list[Domain]:
    return domains(Registry.build({"core": own}))


def test_english_is_complete_and_arabic_opens(found: list[Domain]) -> None:
    assert {d.name for d in found} >= {"core", "portal"}
    for domain in found:
        assert set(domain.languages()) >= {"en", "nl"}
        assert "ar" in domain.languages() or domain.name not in ("core", "portal")
        for lang in domain.languages():
            assert missing(domain, lang) == []


def test_the_files_are_what_extract_would_write(found: list[Domain]) -> None:
    """Another run changes nothing: run `seuil words extract` after a change of words."""
    for domain in found:
        for lang in domain.languages():
            assert domain.file(lang).read_bytes() == gather(domain, lang), (domain.name, lang)


def test_a_gap_and_a_lost_place_are_told(found: list[Domain], tmp_path: Path) -> None:
    core = next(d for d in found if d.name == "core")
    copy = replace(core, folder=tmp_path)
    assert len(missing(copy, "en")) == len(core.msgids)
    catalogue = load(core.file("en"))
    catalogue.get("Vous avez dit oui.").string = ""
    catalogue.get("%(shown)s sur %(total)s").string = "%(shown)s of %(all)s"
    with copy.file("en").open("wb") as out:
        write_po(out, catalogue)
    assert missing(copy, "en") == [
        "core/en: other places than in French: %(shown)s sur %(total)s",
        "core/en: not translated: Vous avez dit oui.",
    ]
    kept = copy.file("en")
    kept.write_bytes(gather(copy, "en"))
    with kept.open("rb") as source:
        assert read_po(source, locale="en").get("Vous avez dit non.").string == "You said no."


def test_of_a_plugin_only_what_its_portal_takes_is_asked(tmp_path: Path) -> None:
    """Rules that no page of the portal takes are the staff's, and theirs alone."""
    for name, text in {
        "portal.py": "from x_words.rules import OUTCOMES, said\nfrom x_words import codes\n"
        "from x_words.settings import Settings\n",
        "settings.py": 'class Settings:\n    days = N_("un réglage")\n',
        "rules.py": (
            'OUTCOMES: dict[str, str] = {"a": N_("montré")}\nSTAFF = {"b": N_("à l’équipe")}\n'
            'def said():\n    return N_("dit")\n'
        ),
        "codes.py": 'ALL = N_("tout le module")\n',
        "queries.py": 'NEVER = N_("jamais")\n',
    }.items():
        (tmp_path / name).write_text(text)
    about = Manifest("x", "1.0", "X", "Un essai.", CONTRACT)
    plugin = Plugin(about, None, "x_words", tmp_path)
    found = [text for source in taken_by_portal(plugin) for text in said_in(source)]
    assert found == ["montré", "dit", "tout le module"]
