"""Every key that somebody can write as an answer has its words, its class and its place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.households.questions import CLASS_LABELS, QUESTIONS, SECTIONS, asked_in
from core.imports.targets import CLASSES
from core.requests.facts import QUESTIONS as OF_A_DEMANDE
from core.territories.codes import code_list

ROOT = Path(__file__).resolve().parents[1]


def written() -> Iterator[tuple[str, str]]:
    """(file, key) of each answer that the source writes under a key of its own."""
    for folder in ("core", "portal", "admin", "plugins"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "tests" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call) or len(node.args) < 3:
                    continue
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                key = node.args[2]
                if name == "set_answer" and isinstance(key, ast.Constant):
                    yield path.name, str(key.value)


def test_every_key_that_is_written_has_a_label() -> None:
    keys = {key for _, key in written()} | set(CLASSES) | set(OF_A_DEMANDE)
    assert keys - set(QUESTIONS) == set()
    assert {"informed_on", "permit", "worker_named"} <= keys


@pytest.mark.parametrize("key", sorted(CLASSES))
def test_an_import_guards_an_answer_as_the_catalogue_does(key: str) -> None:
    assert CLASSES[key] == QUESTIONS[key].field_class


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda q: q.key)
def test_a_question_can_be_shown(question) -> None:  # type: ignore[no-untyped-def]
    assert question.label.strip() and question.label != question.key
    assert question.section in SECTIONS and question.field_class in CLASS_LABELS
    assert (question.kind == "codes") == bool(question.codes)
    assert (question.kind == "choices") == bool(question.choices)
    if question.codes:
        assert code_list(question.codes).labels()


def test_a_child_is_not_asked_what_only_adults_are() -> None:
    asked = {q.key for q in QUESTIONS.values() if q.concerns(7, 2, child=True)}
    assert asked == {"health_follow_up", "disability", "reduced_mobility", "child_care", "violence"}
    assert not QUESTIONS["pregnancy"].concerns(30, 1, child=False)
    assert QUESTIONS["pregnancy"].concerns(30, None, child=False)
    assert QUESTIONS["work"].concerns(16, 1, child=True)
    assert not QUESTIONS["child_care"].concerns(40, 1, child=False)
    assert not QUESTIONS["lawful_stay"].concerns(None, 1, child=True)
    assert not QUESTIONS["animals"].concerns(30, 1, child=False)


def test_zero_is_singular_in_the_source_language() -> None:
    from core.web.words import catalogue

    said = [catalogue("fr", ()).ngettext("réponse", "réponses", n) for n in (0, 1, 2)]
    assert said == ["réponse", "réponse", "réponses"]


def test_the_law_of_one_country_is_not_asked_in_another() -> None:
    french = {q.key for q in asked_in("FR")} - {q.key for q in asked_in("BE")}
    assert french == {"dalo", "daho", "syplo"}
