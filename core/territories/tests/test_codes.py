"""Code lists carry SI-SIAO's ids where these are known, and say so where they are not."""

from __future__ import annotations

import pytest

from core.territories.codes import code_list, read_lists, shipped_lists

ITEM = {"id": 1, "label": "Un", "label_en": "One"}


def test_known_ids_are_those_of_si_siao() -> None:
    assert code_list("composition").find(100).label == "Couple avec enfant(s)"
    assert code_list("request_reason").find(203).label == "Dort dans la rue"
    assert code_list("residential_situation").find(20).label_en == "Street or makeshift shelter"
    assert {n for n, known in shipped_lists().items() if known.si_siao_ids} == {
        "composition", "request_reason", "residential_situation",
    }  # fmt: skip
    assert list(code_list("composition").labels()) == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 120]
    assert set(code_list("request_reason").labels()) == {*range(201, 224), 225}


def test_every_list_says_where_it_comes_from() -> None:
    assert set(shipped_lists()) == {
        "composition", "request_reason", "residential_situation", "wandering", "permit",
        "resources", "charges", "establishment_type", "device", "place_type", "place_category",
        "exit", "prescriber_kind", "role_in_household", "sex", "marital", "link",
    }  # fmt: skip
    assert all(known.source for known in shipped_lists().values())
    assert all(item.group for item in code_list("exit").items), "an exit is counted with a group"


def test_an_unknown_code_is_not_guessed() -> None:
    with pytest.raises(KeyError):
        code_list("composition").find(110)
    with pytest.raises(KeyError):
        code_list("horoscope")


@pytest.mark.parametrize(
    "items",
    [[], [ITEM, ITEM], [{**ITEM, "id": 0}], [{**ITEM, "id": 2**15}], [{**ITEM, "label": " "}]],
)
def test_a_broken_list_is_refused(items: list[dict[str, object]]) -> None:
    with pytest.raises(ValueError, match="code list numbers"):
        read_lists({"numbers": {"source": "here", "si_siao_ids": False, "items": items}})
