"""The macros and layouts every page stands on: valid HTML, linked errors, nothing inline, four answers kept apart."""

import re
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import html5lib
import pytest
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined

ROOT = Path(__file__).resolve().parents[2]
NS = "{http://www.w3.org/1999/xhtml}"


class FormValues:
    """What the macros ask of a form: values as strings, one message per field in error."""

    key, csrf = "key-1", "token-1"

    def __init__(self, values: dict[str, list[str]], errors: dict[str, str]) -> None:
        self.values, self.errors = values, errors

    def value(self, name: str) -> str:
        return next(iter(self.values.get(name, [])), "")

    def all(self, name: str) -> list[str]:
        return self.values.get(name, [])

    def error(self, name: str) -> str | None:
        return self.errors.get(name)


@pytest.fixture(scope="module")
def env() -> Environment:
    folders = {
        face: FileSystemLoader(ROOT / face / "templates") for face in ("core", "portal", "admin")
    }
    made = Environment(
        loader=PrefixLoader(folders),
        undefined=StrictUndefined,
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(lambda s: s, lambda s, p, n: s if n == 1 else p, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(
        format_date=lambda d: f"{d:%d/%m/%Y}",
        format_datetime=lambda d: f"{d:%d/%m/%Y %H:%M}",
        format_number=str,
        format_phone=str,
        format_money=lambda cents: f"{cents / 100:.2f} €",
        static=lambda name: f"/static/{name}",
    )
    made.globals["ui"] = made.get_template("core/ui.html").module
    return made


def page(face: str | None, actor: bool = True) -> SimpleNamespace:
    nav = [
        SimpleNamespace(
            label=f"Rubrique {i}",
            href=f"#{i}",
            current=i == 0,
            count=i or None,
            icon="home",
            group=group,
            short="",
        )
        for i, group in enumerate([None, None, "Demandes", "Demandes", "Logement", "Logement"])
    ]
    return SimpleNamespace(
        face=face,
        territory=SimpleNamespace(slug="deux-rives", name="Deux-Rives"),
        lang="fr",
        dir="ltr",
        reviewed=True,
        languages=[
            SimpleNamespace(code="fr", endonym="Français", href="/fr", current=True),
            SimpleNamespace(code="ar", endonym="العربية", href="/ar", current=False),
        ],
        nav=nav if actor else [],
        actor=SimpleNamespace(name="Ana <b>", roles=["Opératrice"], kind="professional")
        if actor
        else None,
        flashes=[SimpleNamespace(tone="ok", text="C’est fait.")],
        csrf="token-1",
        home_href="/",
        sign_out_href="/out",
        sign_in_href="/in",
        search_href="/search",
        accompanied=SimpleNamespace(helper="Ana", person="Awa Diallo", until=None),
        helping_href="/agir",
        help=SimpleNamespace(phone="115", text="Appelez."),
    )


def parsed(html: str):
    """The page as a tree; a parse error of HTML is an error here."""
    return html5lib.HTMLParser(strict=True).parse(html)


def assert_sound(tree) -> None:
    ids = [el.get("id") for el in tree.iter() if el.get("id")]
    assert sorted(ids) == sorted(set(ids))
    for el in tree.iter():
        if not isinstance(el.tag, str):
            continue
        assert not [name for name in el.attrib if name == "style" or name.startswith(("on", "hx-"))]
        assert el.tag not in (NS + "style",) and (el.tag != NS + "script" or el.get("src"))
        pointers = [
            el.get("for"),
            *(el.get("aria-describedby") or "").split(),
            *(el.get("aria-labelledby") or "").split(),
        ]
        href = el.get("href") or ""
        if href.startswith("#f-"):
            pointers.append(href[1:])
        assert not [p for p in pointers if p and p not in ids]


FIELDS = """
{{ ui.error_summary(form) }}<form method="post" action="/x">{{ ui.hidden(form) }}
{{ ui.text(form, 'name', 'Nom', 'Indice', required=True, suffix='€', width=6) }}{{ ui.text(form, 'plain', 'Prénom') }}
{{ ui.textarea(form, 'story', 'Récit', 'Indice') }}{{ ui.date(form, 'since', 'Depuis') }}{{ ui.birth_date(form, 'birth', 'Né·e', 'Indice') }}
{{ ui.select(form, 'kind', 'Type', [('Groupe', [('a', 'A'), ('b', 'B')]), ('c', 'C')], empty='Choisir') }}
{{ ui.radios(form, 'pick', 'Choix', [('1', 'Un'), ('2', 'Deux', 'plus')]) }}{{ ui.checkboxes(form, 'many', 'Plusieurs', [('1', 'Un'), ('2', 'Deux')]) }}
{{ ui.checkbox(form, 'agree', 'Accord', 'Indice') }}{{ ui.four_answers(form, 'care', 'Soins ?') }}{{ ui.file(form, 'paper', 'Document') }}
{{ ui.submit('Envoyer', icon='check', name='go', value='1') }}</form>{{ ui.post_button('/y', 'Annuler', form) }}{{ ui.button_link('/z', 'Lien', icon='next') }}
"""
SHOWN = """
{{ ui.badge('x') }}{{ ui.state_badge('x', 'ok') }}{{ ui.notice('x', 'warn', 'T') }}{{ ui.empty('Rien', 'Texte', '/w', 'Aller') }}
{{ ui.summary_list([('a', None), ('b', 0), ('c', 'v')]) }}{% call ui.card('C', '/c') %}<p>x</p>{% endcall %}{% call ui.panel('P', 'p', open=False) %}<p>x</p>{% endcall %}
{{ ui.timeline([{'at': at, 'title': 't', 'text': 'x', 'author': person, 'tone': 'ok'}, {'at': day, 'title': 'u'}]) }}
{{ ui.steps([{'title': 'a', 'state': 'done', 'when': day}, {'title': 'b', 'state': 'now', 'who': 'moi'}, {'title': 'c', 'state': 'next', 'text': 't'}]) }}
{{ ui.pager({'previous_href': None, 'next_href': '/n', 'shown': 1, 'total': None}) }}{{ ui.pager({'previous_href': '/p', 'next_href': None, 'shown': 50, 'total': 1280}) }}
{{ ui.data_table(['Nom', ('Jours', 'num')], [['A', 3], ['B', None]], 'Légende', ['/a', None]) }}{{ ui.tabs([{'label': 'L', 'href': '/l', 'current': True, 'count': 0}]) }}
{{ ui.progress(1, 0, 'P') }}{{ ui.breadcrumbs([{'label': 'x', 'href': '/'}, {'label': 'y', 'href': None}]) }}{{ ui.stat('S', 0, 'h', '/s', 'ok') }}
{{ ui.money(None) }}{{ ui.money(1250) }}{{ ui.day(None) }}{{ ui.moment(at) }}{{ ui.person_name(person) }}{{ ui.tel('03 88 00 00 00') }}{{ ui.kbd('j') }}{{ ui.icon('none such') }}
"""
CONTEXT = {
    "at": datetime(2026, 3, 1, 9, 30),
    "day": date(2026, 3, 1),
    "person": SimpleNamespace(given="Awa", family="<i>Diallo"),
}


def body(env: Environment, source: str, **context) -> str:
    inner = env.from_string(source).render(**CONTEXT, **context)
    return f"<!doctype html><html lang=fr><head><title>t</title></head><body>{inner}</body></html>"


@pytest.mark.parametrize("wrong", [False, True])
def test_every_field_is_labelled_and_its_error_linked(env, wrong):
    names = ["name", "story", "since", "birth", "kind", "pick", "many", "agree", "care", "paper"]
    form = FormValues(
        {"many": ["1", "2"], "kind": ["b"], "name": ['"><b>']},
        dict.fromkeys(names, "À voir") if wrong else {},
    )
    tree = parsed(body(env, FIELDS, form=form))
    assert_sound(tree)
    links = [a.get("href") for a in tree.iter(NS + "a") if (a.get("href") or "").startswith("#f-")]
    assert links == ([f"#f-{name}" for name in names] if wrong else [])
    by_name = {el.get("name"): el for el in tree.iter(NS + "input")}
    assert by_name["name"].get("value") == '"><b>'
    assert [o.get("value") for o in tree.iter(NS + "option") if o.get("selected") is not None] == [
        "b"
    ]
    checked = [
        (el.get("name"), el.get("value"))
        for el in tree.iter(NS + "input")
        if el.get("checked") is not None
    ]
    assert checked == [("many", "1"), ("many", "2")]
    labelled = {el.get("for") for el in tree.iter(NS + "label")}
    visible = [
        el
        for tag in ("input", "select", "textarea")
        for el in tree.iter(NS + tag)
        if el.get("type") != "hidden"
    ]
    assert [el.get("id") for el in visible if el.get("id") not in labelled] == []


@pytest.mark.parametrize("answer", ["", "yes", "no", "refused", "unknown"])
def test_four_answers_and_not_asked_are_told_apart(env, answer):
    form = FormValues({"care": [answer]} if answer else {}, {})
    tree = parsed(body(env, "{{ ui.four_answers(form, 'care', 'Soins ?') }}", form=form))
    inputs = list(tree.iter(NS + "input"))
    # Only a question that was answered can be set back to "not asked".
    assert [el.get("value") for el in inputs] == ["yes", "no", "refused", "unknown"] + (
        [""] if answer else []
    )
    assert [el.get("value") for el in inputs if el.get("checked") is not None] == (
        [answer] if answer else []
    )


def test_everything_shown_is_valid_and_escaped(env):
    html = body(env, SHOWN)
    assert_sound(parsed(html))
    assert "<i>" not in html
    assert html.count('aria-current="step"') == 1 and "Fait" in html
    assert (
        html.count("non renseigné") == 4
    )  # summary_list, table cell, money, day: an empty value never reads as "no"


@pytest.mark.parametrize(
    ("template", "face", "actor"),
    [
        ("portal/signin.html", "portal", False),
        ("portal/error.html", "portal", True),
        ("admin/signin.html", "admin", False),
        ("admin/error.html", "admin", True),
        ("core/landing.html", None, False),
        ("core/error.html", None, False),
    ],
)
def test_pages_of_the_layouts_stand(env, template, face, actor):
    context = {
        "form": FormValues({}, {"code": "Non", "email": "Non"}),
        "error": SimpleNamespace(
            status=404,
            title="Introuvable",
            text="Rien ici.",
            reference="7K2M",
            words=["Ce que j’écrivais"],
            way=None,
        ),
        "switch": [],
        "doors": [],
        "territories": [
            SimpleNamespace(name="Deux-Rives", portal_href="/d", admin_href="/admin/d")
        ],
    }
    context["form"].errors = {"code" if face == "portal" else "email": "Non"}
    html = env.get_template(template).render(page=page(face, actor), **context)
    tree = parsed(html)
    assert_sound(tree)
    assert len(list(tree.iter(NS + "h1"))) == 1
    assert len(list(tree.iter(NS + "main"))) == 1
    assert ("<b>" in html) is False
    if face:
        regions = [el for el in tree.iter() if el.get("id") == "flashes"]
        assert [el.get("role") for el in regions] == ["status"]


def test_no_template_uses_what_the_content_policy_refuses():
    for path in (
        p
        for face in ("core", "portal", "admin")
        for p in (ROOT / face / "templates").rglob("*.html")
    ):
        source = path.read_text()
        assert (
            re.findall(
                r"""\s(?:style|on\w+|hx-[\w-]+)=["']|<style|<script(?![^>]*src=)|js:""", source
            )
            == []
        ), path
