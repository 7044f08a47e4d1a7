"""Files meant to break the reading: always a report or a clear refusal, never a traceback."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.imports import cells, dates, names
from core.imports.codes import CodeMatcher
from core.imports.demandes import DemandeFile
from core.imports.mending import line_up
from core.imports.problems import Untrustworthy

TODAY = date(2026, 11, 22)
HEAD = b"Nom;Pr\xe9nom;Date de naissance;Commune;Rem\n"


def workbook() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "empty"),
        (workbook(), "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "workbook"),
        (b"%PDF-1.7 ...", "binary"),
        (bytes(range(256)) * 200, "binary"),
        (b"\xff\xfe" + b"\x00\xd8" * 99, "undecodable"),
        (b"bonjour\nceci est une lettre\n", "no_header"),
        (b"a;b;c\n1;2;3\n", "no_header"),
        (b"Nom;Pr\xe9nom\n" + b"x" * 3_000_000, "huge_line"),
    ],
)
def test_what_is_not_a_table_of_people_is_refused_in_words(data: bytes, code: str) -> None:
    with pytest.raises(Untrustworthy) as error:
        DemandeFile(data, today=TODAY)
    assert error.value.code == code
    assert str(error.value)[0].isupper()


def test_a_missing_file_is_refused_in_words() -> None:
    with pytest.raises(Untrustworthy, match="ouvert"):
        DemandeFile("/nonexistent/demandes.csv", today=TODAY)


@pytest.mark.parametrize(
    "line",
    [b"x\n", b";;;;;;;;;;;;;;;;;;;;a;b;c\n", b'";";"\n', b"=1;=1;31/02/1990;\n"],
)
def test_a_hundred_thousand_broken_rows_give_a_report(line: bytes) -> None:
    report = DemandeFile(HEAD + b"A;B;01/02/1990;;\n" + line * 100_000, today=TODAY).survey()
    assert report.untrusted is not None and report.untrusted.code == "too_many_bad_rows"
    assert report.to_dict()["problems_not_listed"] >= 40_000


def test_quotes_that_close_each_other_are_blank_cells_and_no_rows() -> None:
    report = DemandeFile(HEAD + b'"\n' * 100_000, today=TODAY).survey()
    assert report.untrusted is not None and report.untrusted.code == "no_rows"


def test_a_header_without_rows() -> None:
    report = DemandeFile(HEAD, today=TODAY).survey()
    assert report.untrusted is not None and report.untrusted.code == "no_rows"


def test_controls_are_taken_out_and_told() -> None:
    file = DemandeFile(HEAD + b"Mar\x00tin;L\x1ba;01/02/1990;V;\n" + b"B;C;;;\n" * 9, today=TODAY)
    first = next(file.demandes())
    assert first.main.family_name.written == "Martin"
    assert "control_characters" in {one.problem.code for one in first.findings}


def test_a_stray_quote_does_not_swallow_the_file() -> None:
    data = HEAD + b'A;B;01/02/1990;V;"jamais ferm\xe9\n' + b"C;D;02/02/1990;V;x\n" * 50
    found = list(DemandeFile(data, today=TODAY).demandes())
    assert len(found) == 51
    assert {one.problem.code for one in found[0].findings} >= {"stray_quote"}


def test_two_encodings_pasted_together() -> None:
    data = "Nom;Prénom\n".encode() + "Hélène;Zoé\n".encode() * 20 + "Noël;Élodie\n".encode("cp1252")
    names = [one.main.family_name.written for one in DemandeFile(data, today=TODAY).demandes()]
    assert names == ["Hélène"] * 20 + ["Noël"]


def test_a_mark_inside_a_cell_is_mended_only_where_one_way_fits() -> None:
    def is_number(text: str) -> bool:
        return text.isdigit()

    mended, problem = line_up(["Rue A", " bis", "12", "x"], [None, is_number, None], ";", 1)
    assert mended == ["Rue A; bis", "12", "x"]
    assert problem is not None and problem.code == "separator_in_cell"
    either, problem = line_up(["a", "b", "c", "d"], [None, None, None], ";", 1)
    assert either is None and problem is not None and problem.code == "too_many_cells"


PARSERS = [
    names.parse_name, cells.parse_text, cells.parse_key, cells.parse_sex, cells.parse_role,
    cells.parse_answer, cells.parse_phone, cells.parse_email, cells.parse_money,
    cells.parse_number, cells.parse_housing_number,
    lambda text: dates.parse_date(text, today=TODAY),
    lambda text: dates.parse_birth(text, today=TODAY, order="mdy"),
    lambda text: dates.parse_past(text, today=TODAY),
    CodeMatcher({10: "Homme seul", 100: "Couple avec enfant(s)"}).match,
]  # fmt: skip
near_values = st.text(alphabet="0123456789 ./-+,€eE'\xa0janviermOuiNon²٣()", max_size=24)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), near_values))
def test_no_text_breaks_a_parser(text: str) -> None:
    for parse in PARSERS:
        _, problem = parse(text)
        if problem is not None:
            assert problem.message
    assert len(names.split_name(text)) == 4


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.booleans())
def test_no_bytes_break_the_reading(data: bytes, headed: bool) -> None:
    try:
        report = DemandeFile(HEAD + data if headed else data, today=TODAY).survey()
    except Untrustworthy as error:
        assert str(error)
    else:
        assert report.to_json()


@given(st.dates(date(1910, 1, 1), TODAY))
def test_every_way_of_writing_a_birth_date_reads_back(day: date) -> None:
    serial = str((day - date(1899, 12, 30)).days)
    ways = [f"{day:%d/%m/%Y}", day.isoformat(), f"{day:%d-%m-%Y}", f"{day:%Y%m%d}"]
    ways += [
        f"{day:%d.%m.%Y} 00:00",
        f" {day:%d/%m/%Y}\xa0",
        *([serial] if len(serial) == 5 else []),
    ]
    assert [dates.parse_birth(text, today=TODAY) for text in ways] == [(day, None)] * len(ways)


@given(st.integers(0, 1_999_999))
def test_every_way_of_writing_an_amount_reads_back(amount: int) -> None:
    whole, rest = divmod(amount, 100)
    french = f"{whole:,}".replace(",", "\u202f") + f",{rest:02}"
    german = f"{whole:,}".replace(",", ".") + f",{rest:02}"
    ways = [french, german, f"{whole}.{rest:02} €", f"{whole:,}.{rest:02}", f"{whole},{rest:02}€"]
    assert [cells.parse_money(text) for text in ways] == [(amount, None)] * len(ways)


def test_a_file_tells_only_states_of_the_life_cycle() -> None:
    from core.imports.lists import STATUSES
    from core.imports.targets import LISTED, OVER
    from core.requests.lifecycle import STATES

    assert {str(code) for code in STATUSES} | set(LISTED) | OVER <= set(STATES)
