"""The shipped code lists, with their SI-SIAO ids where these are known; checked as they load."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class CodeItem:
    """One entry of a list. `group`: what it is counted with, or what it stands for in a table."""

    id: int
    label: str
    label_en: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list, where it comes from, and whether its ids are SI-SIAO's own."""

    name: str
    source: str
    si_siao_ids: bool
    items: tuple[CodeItem, ...]

    def labels(self) -> dict[int, str]:
        """French label by id, in the order to show them."""
        return {item.id: item.label for item in self.items}

    def find(self, code: int) -> CodeItem:
        """One entry; `KeyError` when the list has no such id."""
        for item in self.items:
            if item.id == code:
                return item
        raise KeyError((self.name, code))


def read_lists(raw: Mapping[str, Mapping[str, object]]) -> dict[str, CodeList]:
    """Lists from their JSON form. Raises `ValueError` on an id used twice or out of range, an
    empty label or an empty list: better no start than a wrong count."""
    lists = {}
    for name, body in raw.items():
        items = tuple(CodeItem(**item) for item in body["items"])  # type: ignore[attr-defined]
        ids = [item.id for item in items]
        if not items or len(set(ids)) != len(ids):
            raise ValueError(f"code list {name}: empty, or an id used twice")
        for item in items:
            if not 0 < item.id < 2**15:
                raise ValueError(f"code list {name}: id {item.id} is not a small positive number")
            if not item.label.strip() or not item.label_en.strip():
                raise ValueError(f"code list {name}: {item.id} has no label")
        lists[name] = CodeList(name, str(body["source"]), bool(body["si_siao_ids"]), items)
    return lists


@cache
def shipped_lists() -> dict[str, CodeList]:
    """All lists that ship with the platform, by name."""
    text = files("core.territories").joinpath("data/codes.json").read_text("utf-8")
    return read_lists(json.loads(text))


def code_list(name: str) -> CodeList:
    """One shipped list; `KeyError` when there is none of that name."""
    return shipped_lists()[name]
