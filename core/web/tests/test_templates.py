"""Templates are compiled in one language: literal messages become constants, nothing else changes."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from core.app import CORE
from core.extension.registry import Registry
from core.web.assets import build_assets
from core.web.templates import Templates
from core.web.unsaid import shown


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


def test_what_a_language_lacks_says_that_it_is_french(templates: Templates) -> None:
    env = templates.environment("ar")
    page = env.from_string(
        "<title>{{ _('Jamais traduit.') }}</title><p aria-label=\"{{ _('Ni cela.') }}\">"
        "{{ _('Jamais traduit.') }} {{ _('Bonjour <b>%(n)s</b> ici', n='<i>') }}</p>"
        "<option>{{ _('Jamais traduit.') }}</option><h1>{{ _('Quitter') }}</h1>"
        "{{ ngettext('%(num)s chose', '%(num)s choses', 2) }}"
    )
    french = '<span lang="fr" dir="ltr">{}</span>'
    said = templates.catalogue("ar").gettext("Quitter")
    assert said != "Quitter"
    assert shown(page.render()) == (
        '<title>Jamais traduit.</title><p aria-label="Ni cela.">'
        f"{french.format('Jamais traduit.')} {french.format('Bonjour <b>&lt;i&gt;</b> ici')}</p>"
        f"<option>Jamais traduit.</option><h1>{said}</h1>{french.format('2 choses')}"
    )
    assert templates.catalogue("ar").gettext("Jamais traduit.") == "Jamais traduit."
