"""A file of free places: what is read, what each line gives, and that one bad line stops none."""

from __future__ import annotations

import pytest

from core.extension.context import Ctx
from core.imports.problems import Untrustworthy
from core.imports.vacancies import (
    CROSSED,
    DECLARED,
    FROZEN,
    STANDS,
    TWICE,
    UNKNOWN,
    Line,
    declare_lines,
    read_lines,
)
from core.kernel.errors import Invalid
from core.placements.tests.making import place, structure
from core.testing import make_professional


def test_headers_are_found_under_titles_in_any_order_and_encoding() -> None:
    text = (
        "Places de la semaine\n\nLibre le;Établissement;N° place;À savoir\n01/04/2026;La Rive;12;"
    )
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        (line,) = read_lines((text + "étage\n").encode(encoding))
        assert (line.structure, line.place, line.free_on, line.note) == (
            "La Rive", "12", "01/04/2026", "étage",
        )  # fmt: skip
        assert line.number == 4


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04rest of a workbook",
        b"nom;prenom\nA;B\n",
        b"place;libre le\n",
        b"x" * 2_000_000,
    ],
)
def test_what_is_no_list_of_places_is_refused_whole(data: bytes) -> None:
    with pytest.raises((Untrustworthy, Invalid)):
        read_lines(data)


async def test_each_line_has_its_answer_and_stops_no_other(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit, name="La Rive")
        units = [await place(unit, programme_id, free=False) for _ in range(4)]
        await place(unit, programme_id)
        rows = await unit.fetch("SELECT id, ref, label FROM housing_unit ORDER BY id")
        ref = {r["id"]: r["ref"] for r in rows}
        label = {r["id"]: r["label"] for r in rows}
        stands = next(r["ref"] for r in rows if r["id"] not in units)
        day = unit.today.strftime("%d/%m/%Y")
        found = await declare_lines(
            unit,
            [
                Line(2, reference=ref[units[0]], free_on=day),
                Line(3, structure="la rive", place=label[units[1]], free_on=unit.today.isoformat()),
                Line(4, place="Nulle part", free_on=day),
                Line(5, reference=ref[units[2]], free_on="32/13/2026"),
                Line(6, reference=ref[units[2]], free_on=day, works="01/01/2020"),
                Line(7, reference=ref[units[3]], free_on=day, works="30/12/2026"),
                Line(8, reference=stands, free_on=day),
                Line(9, reference=ref[units[0]], free_on=day),
            ],
        )
        said = [(one.state, one.said) for one in found]
        assert said[0] == said[1] == ("done", DECLARED)
        assert said[2] == ("refused", UNKNOWN)
        assert said[3][0] == "refused"
        assert said[4] == ("refused", TWICE) or said[4] == ("refused", CROSSED)
        assert said[5] == ("done", FROZEN)
        assert said[6] == ("stands", STANDS)
        assert said[7] == ("refused", TWICE)
        open_ = await unit.fetch("SELECT unit_id, state FROM vacancy ORDER BY unit_id")
        assert [tuple(v) for v in open_ if v["unit_id"] in units] == [
            (units[0], "declared"), (units[1], "declared"), (units[3], "frozen"),
        ]  # fmt: skip


async def test_a_structure_knows_only_its_own_places(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        mine, _ = await structure(unit)
        _, theirs = await structure(unit)
        unit_id = await place(unit, theirs, free=False)
        ref = await unit.value("SELECT ref FROM housing_unit WHERE id = $1", unit_id)
    who = await make_professional(ctx, "structure", organisation_id=mine)
    async with ctx.acting(who).unit() as unit:
        (one,) = await declare_lines(unit, [Line(2, reference=ref, free_on="01/04/2026")])
        assert (one.state, one.said) == ("refused", UNKNOWN)
