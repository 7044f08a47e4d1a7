"""Charts read at any width and say the same to everybody; a spreadsheet runs nothing of ours."""

from __future__ import annotations

import csv
import io
import re

from core.app import CORE
from core.extension.registry import Registry
from core.web.charts import Mark, chart, round_top
from core.web.sheet import Sheet, lines
from core.web.templates import Templates


class Anything(dict):  # type: ignore[type-arg]
    """No static file is asked for here."""


def drawn(shape: str, count: int = 3) -> str:
    registry = Registry.build(CORE)
    templates = Templates(registry.faces, Anything(), registry.plugins)
    marks = [
        Mark(f"Structure {n} <b>", "20 % (de 10 à 30 %)", 20, 10, 30, n == 1) for n in range(count)
    ]
    made = chart(
        "essai",
        "Refus & suites",
        "Pour chacune",
        marks,
        shape=shape,
        unit=" %",
        top=100,
        reference=(25, "toutes"),
    )
    env = templates.environment("fr")
    return str(env.from_string("{{ ui.chart(c, 'table') }}").render(c=made))


def test_a_chart_has_its_words_and_no_style() -> None:
    for shape in ("ranges", "columns"):
        svg = drawn(shape)
        assert 'role="img" aria-labelledby="essai-t essai-d"' in svg
        assert '<title id="essai-t">Refus &amp; suites</title>' in svg
        assert '<desc id="essai-d">Pour chacune</desc>' in svg and 'href="#table"' in svg
        assert "style=" not in svg and "<script" not in svg and "<b>" not in svg
        assert "viewBox" not in svg, "its letters would shrink with it"


def test_a_difference_is_not_told_by_colour_alone() -> None:
    assert "▲ Structure 1" in drawn("ranges") and "▲ Structure 0" not in drawn("ranges")


def test_places_are_inside() -> None:
    for shape, count in (("ranges", 1), ("columns", 1), ("columns", 24)):
        for place in re.findall(r'(?:x|x1|x2)="([\d.]+)%"', drawn(shape, count)):
            assert 0 <= float(place) <= 100
    assert drawn("columns", 24).count('y="192"') <= 8, "words under columns never run together"


def test_nothing_known_draws_nothing() -> None:
    assert chart("a", "b", "c", [Mark("x", "pas assez de données")]) is None


def test_axes_end_on_round_numbers() -> None:
    assert [round_top(v) for v in (0, 0.3, 7, 16, 20, 21, 450)] == [1, 0.4, 8, 20, 20, 40, 500]


def test_a_spreadsheet_gets_the_cells_and_runs_none() -> None:
    sheet = Sheet("t", "Titre", ("Nom", "N"), [("=1+1", 3), ("a;b", None), ("-x", "moins de 11")])
    text = "".join(lines([sheet], ["Essai"]))
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert rows == [
        ["Essai"], [], ["Titre"], ["Nom", "N"], ["'=1+1", "3"], ["a;b", ""], ["'-x", "moins de 11"],
    ]  # fmt: skip
