"""Files of other teams: other names, order, separators, encodings; columns that are missing."""

from __future__ import annotations

from datetime import date

import pytest

from core.imports.columns import Mapping, fingerprint
from core.imports.demandes import DemandeFile
from core.imports.lists import shipped_matchers
from core.imports.problems import Untrustworthy

TODAY = date(2026, 11, 22)

COMMA = """Date of birth,Last name,First name,Household ID,Relation,Gender,Household size,E-mail
1990-02-03,"Abrial, dit Tonio",Rosa,H1,Main applicant,F,2,rosa@exemple.invalid
2016-12-24,Abrial,Milo,H1,Child,M,2,
1985-01-31,Bruneau,Ève,H2,Main applicant,F,1,
"""
TABS = (
    "NOM Prénom\tNé(e) le\tMotif\tTél.\tTypologie familiale\tNom du TS\n"
    "DUPRÉ Anna\t03/02/90\tSortie de prison\t639980021\tF. seule\tM. Rival\n"
    "LE GOFF Jean-Marc\t3 mars 1971\tautre motif\t\thomme isolé\tM. Rival\n"
)
BARE = "nom|prenom\nAubert|Zoé\nBlin|Yves\n"


def demandes(text: bytes) -> list:
    return list(DemandeFile(text, today=TODAY, lists=shipped_matchers()).demandes())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_commas_other_names_other_order(encoding: str, ends: str) -> None:
    first, second = demandes(COMMA.replace("\n", ends).encode(encoding))
    assert first.group_no == "H1" and first.size == 2
    assert [one.role for one in first.members] == ["main", "child"]
    assert first.main.family_name.written == "Abrial, dit Tonio"
    assert first.main.email == "rosa@exemple.invalid"
    assert second.main.given_name.written == "Ève"
    assert second.main.birth == date(1985, 1, 31)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "mac_roman", "cp850", "latin-1"])
def test_tabs_and_the_whole_name_in_one_column(encoding: str) -> None:
    one, two = demandes(TABS.encode(encoding))
    assert (one.main.family_name.written, one.main.given_name.written) == ("DUPRÉ", "Anna")
    assert (one.main.birth, one.main.phone) == (date(1990, 2, 3), "+33639980021")
    assert (one.reason, one.composition) == (218, 20)
    assert (two.main.family_name.written, two.composition) == ("LE GOFF", 10)


def test_names_alone_are_enough_and_what_lacks_is_said() -> None:
    file = DemandeFile(BARE.encode(), today=TODAY)
    assert [one.main.family_name.written for one in file.demandes()] == ["Aubert", "Blin"]
    assert file.mapping.wished == ("request_no", "birth", "role", "first_sent_on")


def test_without_names_there_is_nothing_to_import() -> None:
    with pytest.raises(Untrustworthy) as error:
        DemandeFile(b"Date de naissance;Commune\n01/02/1990;Valbrune\n", today=TODAY)
    assert error.value.code == "missing_columns"
    assert "Nom, Prénom" in str(error.value)


def test_households_without_any_number_follow_the_order_of_roles() -> None:
    text = "Nom;Prénom;Lien\nA;B;DP\nA;C;enfant\nD;E;DP\nD;F;conjointe\nD;G;fils\n"
    assert [len(one.members) for one in demandes(text.encode())] == [2, 3]


def test_a_line_that_lost_its_number_joins_its_group() -> None:
    text = "N° demande;N° groupe;Nom;Prénom\n1;G1;A;B\n2;G2;C;D\n;G1;A;E\n"
    found = {one.key: len(one.members) for one in demandes(text.encode())}
    assert found == {"1": 2, "2": 1}


def test_american_dates_are_seen_from_the_whole_column() -> None:
    rows = "".join(f"N{i};P{i};03/{day}/1990\n" for i, day in enumerate((14, 25, 31, 28, 4)))
    found = demandes(("Nom;Prénom;Date de naissance\n" + rows).encode())
    assert [one.main.birth.day for one in found] == [14, 25, 31, 28, 4]


def test_a_mapping_is_corrected_and_remembered() -> None:
    text = "Nom;Prénom;Truc\nA;B;Valbrune\n".encode()
    file = DemandeFile(text, today=TODAY)
    assert file.mapping.unmapped == ("Truc",)
    corrected = file.mapping.corrected({2: "commune"})
    file.use(corrected)
    assert next(file.demandes()).commune == "Valbrune"
    assert Mapping.from_dict(corrected.to_dict()) == corrected
    again = DemandeFile(
        b"NOM;PRENOM;truc\nA;B;Valbrune\n", today=TODAY,
        remembered={corrected.fingerprint: corrected.to_dict()},
    )  # fmt: skip
    assert next(again.demandes()).commune == "Valbrune"
    assert fingerprint(["Nom", "Prénom"]) != fingerprint(["Prénom", "Nom"])
    with pytest.raises(KeyError):
        corrected.corrected({0: "no_such_field"})


def test_a_field_named_only_by_its_cells() -> None:
    text = "Nom;Prénom;Colonne 3;Colonne 4\n" + "A;B;a.b@exemple.invalid;06 39 98 00 11\n" * 3
    fields = DemandeFile(text.encode(), today=TODAY).mapping.fields
    assert fields["email"].why == fields["phone"].why == "content"
    assert fields["email"].confidence < 0.75
