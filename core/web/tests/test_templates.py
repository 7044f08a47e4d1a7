"""Templates are compiled in one language: literal messages become constants, nothing else changes."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from core.app import CORE
from core.extension.registry import Registry
from core.web.assets import build_assets
from core.web.templates import Templates


@pytest.fixture(scope="module")
def templates() -> Templates:
    faces = Registry.build(CORE).faces
    return Templates(faces, build_assets(faces))


def test_a_literal_message_is_translated_and_escaped_as_before(templates: Templates) -> None:
    env = templates.environment("fr")
    page = env.from_string(
        "{{ _('Fermer') }} {{ _('Bonjour %(name)s', name='<b>') }} {{ _(word) }} {{ 100 }}"
    )
    assert page.render(word="Quitter") == "Fermer Bonjour &lt;b&gt; Quitter 100"


def test_a_missing_variable_is_an_error_not_a_blank(templates: Templates) -> None:
    with pytest.raises(UndefinedError):
        templates.environment("fr").from_string("{{ nobody.said.this }}").render()


def test_what_people_wrote_is_escaped(templates: Templates) -> None:
    page = templates.environment("fr").from_string("{{ text }} {{ '{{7*7}}' }}")
    shown = page.render(text="<script>alert(1)</script>{{7*7}}")
    assert "<script>" not in shown
    assert "49" not in shown
