"""Nothing that a household may read is missing in English; gathering loses no translation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po

from core import own
from core.commands.words import Domain, domains, gather, load, missing
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
