"""Our own small file: each kind of mess, told at its line, and never invented over."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files

import pytest

from core.imports.demandes import DemandeFile
from core.imports.households import DemandeRow
from core.imports.lists import shipped_matchers
from core.imports.report import Report

TODAY = date(2026, 11, 22)
SAMPLE = files("core.imports").joinpath("data/sample-demandes.csv").read_bytes()


def read(source: bytes) -> tuple[dict[str, DemandeRow], Report]:
    file = DemandeFile(source, today=TODAY, lists=shipped_matchers())
    report = Report()
    return {one.key: one for one in file.demandes(report)}, report


@pytest.fixture(scope="module")
def sample() -> tuple[dict[str, DemandeRow], Report]:
    return read(SAMPLE)


def codes_at(report: Report, line: int) -> set[str]:
    return {one.code for one in report.findings if one.line == line}


def test_the_layout_is_recognised() -> None:
    layout = DemandeFile(SAMPLE, today=TODAY).sheet.layout
    assert (layout.encoding, layout.separator, layout.header_line) == ("cp1252", ";", 4)
    assert layout.titles == ("Demandes d'insertion en cours", "Périmètre : SIAO des Deux-Rives")


def test_each_mess_is_told_at_its_physical_line(
    sample: tuple[dict[str, DemandeRow], Report],
) -> None:
    _, report = sample
    expected = {
        10: {"group_missing"}, 11: {"main_alone"}, 12: {"birth_impossible"}, 13: {"birth_future"},
        14: {"birth_approximate"}, 15: {"birth_approximate"}, 16: {"size_contradicts"},
        18: {"date_unknown"}, 19: {"code_unknown"}, 20: {"formula"}, 21: {"formula"},
        22: {"header_again"}, 23: {"date_future"}, 25: {"separator_in_cell"},
        28: {"phone_invalid"}, 29: {"older_state"}, 30: {"older_state"}, 49: {"newer_state"},
        50: {"newer_state"}, 52: {"repeated_line"}, 53: {"not_a_row"}, 5: {"maybe_same_person"},
    }  # fmt: skip
    assert {line: codes_at(report, line) for line in expected} == expected
    assert {one.line for one in report.findings} == set(expected)
    assert (report.rows, report.households, report.people) == (45, 35, 40)
    assert (report.rejected, report.blank_lines, report.repeated_headers) == (2, 1, 1)


def test_a_newer_state_wins_whole(sample: tuple[dict[str, DemandeRow], Report]) -> None:
    demande = sample[0]["DR-018"]
    assert (demande.status, demande.last_sent_on) == ("referred", date(2026, 10, 1))
    assert [one.person_no for one in demande.members] == ["P22", "P23"]
    assert demande.lines == (29, 30, 49, 50)


def test_the_same_person_elsewhere_is_flagged_and_stays_two(
    sample: tuple[dict[str, DemandeRow], Report],
) -> None:
    demandes, _ = sample
    assert not demandes["DR-001"].refused and not demandes["DR-001B"].refused
    assert demandes["DR-001B"].main.family_name.written == "MARELE"


def test_codes_and_labels_of_one_column_say_the_same(
    sample: tuple[dict[str, DemandeRow], Report],
) -> None:
    demande = sample[0]["DR-002"]
    assert (demande.composition, demande.reason, demande.situation) == (40, 220, 30)
    assert [one.sex for one in demande.members] == ["female", "male", "female"]
    assert [one.birth for one in demande.members][1:] == [date(2017, 3, 25), date(2019, 7, 8)]
    answers = [one.violence.answer for one in demande.members]
    assert answers == ["yes", "refused", "unknown"]
    assert sample[0]["DR-001"].main.violence is None, "not asked is not no"


def test_values_are_read_and_names_kept_as_written(
    sample: tuple[dict[str, DemandeRow], Report],
) -> None:
    main = sample[0]["DR-003"].main
    assert main.family_name == ("DE LA COMBE", "de la combe")
    assert (main.birth, main.resource_amount) == (date(2000, 3, 25), 139_869)
    assert (main.phone, main.social_housing_no) == ("+33639980013", "06726000000000017")
    assert sample[0]["DR-015"].commune == "Valbrune; quai Haut"
    assert sample[0]["DR-016"].main.remarks == "Préfère le matin\nAppeler avant ; deux fois"


def test_an_impossible_birth_refuses_the_demande_and_an_unknown_one_does_not(
    sample: tuple[dict[str, DemandeRow], Report],
) -> None:
    demandes, _ = sample
    assert demandes["DR-006"].refused and demandes["DR-007"].refused
    assert not demandes["DR-008"].refused and demandes["DR-008"].main.birth is None


def test_sensitive_values_are_never_echoed() -> None:
    head = "Nom;Prénom;Date de naissance;Victime de violences;Parcours ASE;Observations;"
    head += "Droit au séjour\n"
    secret = "Martel;Lise;01/02/1990;coups du voisin;placée à six ans;=secret médical;récépisé\n"
    _, report = read((head + secret).encode())
    said = report.to_json()
    assert {"answer_unreadable", "formula", "code_guessed"} <= set(report.by_code)
    assert not any(word in said for word in ("coups", "placée", "secret", "écépis"))
    assert json.loads(said)["counts"]["people"] == 1


def test_reading_twice_says_the_same() -> None:
    once, twice = read(SAMPLE)[0], read(SAMPLE)[0]
    assert {key: one.digest for key, one in once.items()} == {
        key: one.digest for key, one in twice.items()
    }
    changed = read(SAMPLE.replace(b"Solangen", b"x").replace(b"Marelle;Odilon", b"Marelle;Otto"))[0]
    assert changed["DR-001"].digest != once["DR-001"].digest
    assert changed["DR-002"].digest == once["DR-002"].digest


def test_a_survey_trusts_this_file_and_not_one_with_a_quarter_of_bad_rows() -> None:
    file = DemandeFile(SAMPLE, today=TODAY, lists=shipped_matchers())
    assert file.survey().trusted
    rows = [f"Nom{i};Prénom{i};{'31/02/1990' if i % 4 == 0 else '01/02/1990'}" for i in range(100)]
    report = DemandeFile(
        "\n".join(["Nom;Prénom;Date de naissance", *rows]).encode(), today=TODAY
    ).survey()
    assert report.untrusted is not None
    assert report.untrusted.code == "too_many_bad_rows"
    assert "25 lignes sur 100" in str(report.untrusted)
