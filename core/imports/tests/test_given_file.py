"""The large given file, read whole: facts counted beforehand by other means."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from core.imports.demandes import DemandeFile
from core.imports.lists import shipped_matchers
from core.imports.report import Report

ROOT = Path(__file__).resolve().parents[3]
GIVEN = Path(
    os.environ.get("SEUIL_SAMPLE_DEMANDES") or ROOT.parent / "shared/samples/demandes-67.csv"
)


@pytest.mark.skipif(not GIVEN.is_file(), reason="the given file of demandes is not on this machine")
def test_the_given_file_is_read_whole() -> None:
    file = DemandeFile(GIVEN, today=date(2026, 11, 22), lists=shipped_matchers())
    assert file.sheet.layout.header_line == 4 and file.sheet.layout.encoding == "cp1252"
    assert file.mapping.unmapped == ()
    report = Report()
    demandes = list(file.demandes(report))
    report.judge()
    assert report.trusted
    assert (report.lines, report.rows, report.repeated_headers) == (8492, 8486, 1)
    assert len({one.key for one in demandes}) == len(demandes) == 4100
    assert sum(len(one.lines) for one in demandes) == report.rows
    codes = report.by_code
    assert codes["separator_in_cell"] == 2
    # 32 future, and 12-13-1979 or the like; some of them in a demande exported twice
    assert codes["birth_future"] == 32
    assert codes["birth_impossible"] == 21
    # the 76 people of 40 demandes exported twice, the 100 asking elsewhere under a suffix
    assert codes["older_state"] == codes["newer_state"] == 76
    elsewhere = [one for one in demandes if one.key.endswith("B")]
    flagged = [
        one
        for one in elsewhere
        if any(found.problem.code == "maybe_same_person" for found in one.findings)
    ]
    readable = [one for one in elsewhere if not one.refused and one.main and one.main.birth]
    assert len(elsewhere) == 100 and len(flagged) >= 0.95 * len(readable)
    # 14 codes and 6 labels that no list holds
    assert codes["code_unknown"] == 20
    assert codes["formula"] == 26
    assert codes["header_again"] == 1
    refused = [one for one in demandes if one.refused]
    assert report.households == len(demandes) - len(refused)
    assert 0 < len(refused) < 60
