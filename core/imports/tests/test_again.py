"""A file that comes again with changes, meets changes made here, stops half-way, or is hostile."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.extension.context import Ctx
from core.households.service import change_person
from core.imports import service
from core.imports.chunks import SIZE
from core.imports.flags import settle_flag
from core.imports.reverting import revert_import
from core.imports.tests.test_import import SHELLS, counts, load
from core.kernel.unit import Unit
from core.worker import visit

HEADER = (
    "N° demande;N° groupe;N° personne;Rôle;Nom;Prénom;Date de naissance;Téléphone;Statut;"
    "Situation résidentielle;Première transmission;Dernière transmission;Préconisation 1;"
    "Victime de violences;Animaux\r\n"
)


def line(n: int, **change: str) -> str:
    cells = {
        "no": f"T-{n}", "group": f"G{n}", "person": f"P{n}", "role": "Demandeur principal",
        "family": f"Marelle{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}", "given": "Odile",
        "birth": f"{n % 28 + 1:02}/0{n % 9 + 1}/19{50 + n % 40}", "phone": "",
        "status": "En liste d'attente", "situation": "Rue", "first": "03/02/2025",
        "last": "10/06/2025", "kind": "Résidence sociale", "violence": "Non", "animals": "chat",
    }  # fmt: skip
    return ";".join({**cells, **change}.values()) + "\r\n"


def write(path: Path, *lines: str) -> Path:
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


async def one(unit: Unit, sql: str, *args: Any) -> Any:
    row = await unit.row(sql, *args)
    assert row is not None
    return row


async def test_what_the_file_changed_is_taken_and_can_come_back(ctx: Ctx, tmp_path: Path) -> None:
    await load(ctx, write(tmp_path / "a.csv", line(1), line(2)))
    async with ctx.unit() as unit:
        before = await counts(unit)
        former = await one(unit, "SELECT * FROM person WHERE external_no = 'P1'")
    changed = line(1, phone="0639980011", situation="Hôtel (115)", kind="CHRS", violence="Oui",
                   status="Orientée")  # fmt: skip
    done = await load(ctx, write(tmp_path / "b.csv", changed, line(2)))
    assert (done.report.created, done.report.updated, done.report.unchanged) == (0, 1, 1)
    async with ctx.unit() as unit:
        person = await one(unit, "SELECT * FROM person WHERE external_no = 'P1'")
        assert person["phone"].replace(" ", "").endswith("39980011")
        request = await one(unit, "SELECT * FROM housing_request WHERE external_no = 'T-1'")
        assert request["state"] == "referred"
        kinds = await unit.fetch(
            "SELECT kind FROM recommendation WHERE request_id = $1 AND ends_at IS NULL",
            request["id"],
        )
        assert [r["kind"] for r in kinds] == ["chrs"]
        codes = await unit.fetch(
            "SELECT code, ends_on FROM situation WHERE person_id = $1 ORDER BY id", person["id"]
        )
        assert [(r["code"], r["ends_on"] is None) for r in codes] == [(20, False), (35, True)]
        answer = await one(
            unit,
            "SELECT state, field_class FROM answer WHERE person_id = $1 AND question = 'violence' "
            "ORDER BY id DESC LIMIT 1",
            person["id"],
        )
        assert tuple(answer) == (1, "violence")
        assert await unit.value("SELECT count(*) FROM external_change") == 0
        assert await unit.value("SELECT count(*) FROM import_flag") == 0
    assert done.ref
    undone = await revert_import(ctx.unit, done.ref)
    assert not undone.kept and undone.households == 0
    async with ctx.unit() as unit:
        after = await counts(unit)
        moved = {n for n in after if after[n] != before[n] and not n.startswith("import_")}
        assert moved <= SHELLS | {"past_version"}
        again = await one(unit, "SELECT * FROM person WHERE external_no = 'P1'")
        assert {k: v for k, v in dict(again).items() if k != "version"} == {
            k: v for k, v in dict(former).items() if k != "version"
        }
        state = await unit.value("SELECT state FROM housing_request WHERE external_no = 'T-1'")
        assert state == "waiting"
    once_more = await load(ctx, write(tmp_path / "c.csv", line(1), line(2)))
    assert once_more.report.unchanged == 2


async def test_a_newer_local_value_is_kept_and_both_are_shown(ctx: Ctx, tmp_path: Path) -> None:
    await load(ctx, write(tmp_path / "a.csv", line(1)))
    async with ctx.unit() as unit:
        person = await one(unit, "SELECT id, version FROM person")
        await change_person(unit, person["id"], person["version"], phone="06 00 00 00 99")
    done = await load(ctx, write(tmp_path / "b.csv", line(1, phone="0639980011")))
    assert done.report.by_code["local_newer"] == 1
    async with ctx.unit() as unit:
        assert await unit.value("SELECT phone FROM person") == "06 00 00 00 99"
        flag = await one(unit, "SELECT * FROM import_flag")
        details = msgspec.json.decode(flag["details"])
        assert (flag["code"], flag["field"]) == ("local_newer", "phone")
        assert details["here"] == "06 00 00 00 99" and details["file"].replace(" ", "").endswith(
            "39980011"
        )
        await settle_flag(unit, flag["id"], "take_file")
        assert await unit.value("SELECT phone FROM person") == details["file"]
        held = msgspec.json.decode(
            await unit.value("SELECT held FROM past_version ORDER BY id DESC LIMIT 1")
        )
        assert held == {"phone": "06 00 00 00 99"}


async def test_seniority_is_never_lost_by_a_line(ctx: Ctx, tmp_path: Path) -> None:
    await load(ctx, write(tmp_path / "a.csv", line(1)))
    done = await load(ctx, write(tmp_path / "b.csv", line(1, first="03/05/2025")))
    async with ctx.unit() as unit:
        kept = await unit.value("SELECT seniority_on FROM housing_request")
        assert f"{kept}" == "2025-02-03"
        fields = [r["field"] for r in await unit.fetch("SELECT field FROM import_flag")]
    assert fields == ["seniority_on"] and done.report.by_code["local_newer"] == 1


async def test_what_was_worked_on_stays_when_a_run_is_undone(ctx: Ctx, tmp_path: Path) -> None:
    done = await load(ctx, write(tmp_path / "a.csv", line(1), line(2), line(3)))
    async with ctx.unit() as unit:
        person = await one(unit, "SELECT id, version FROM person WHERE external_no = 'P2'")
        await change_person(unit, person["id"], person["version"], email="o@exemple.test")
    assert done.ref
    undone = await revert_import(ctx.unit, done.ref)
    assert (undone.households, dict(undone.kept)) == (2, {"worked_on": 1})
    async with ctx.unit() as unit:
        left = [r["external_no"] for r in await unit.fetch("SELECT external_no FROM person")]
        assert left == ["P2"]


async def test_the_messages_of_a_run_do_not_keep_it_from_being_undone(
    ctx: Ctx, tmp_path: Path
) -> None:
    done = await load(ctx, write(tmp_path / "a.csv", line(1), line(2)))
    await visit(ctx)
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM outgoing_message") > 0
    assert done.ref
    undone = await revert_import(ctx.unit, done.ref)
    assert (undone.households, dict(undone.kept)) == (2, {})
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM outgoing_message") == 0


async def test_a_person_who_joins_is_added_and_taken_away_again(ctx: Ctx, tmp_path: Path) -> None:
    await load(ctx, write(tmp_path / "a.csv", line(1)))
    async with ctx.unit() as unit:
        before = await counts(unit)
    child = line(1, person="P1b", role="Enfant", given="Lou", birth="05/05/2020")
    done = await load(ctx, write(tmp_path / "b.csv", line(1), child))
    assert (done.report.updated, done.report.people) == (1, 2)
    async with ctx.unit() as unit:
        roles = [r["role"] for r in await unit.fetch("SELECT role FROM membership ORDER BY id")]
        assert roles == ["main", "child"]
        assert await unit.value("SELECT persons FROM request_facts") == 2
    gone = await load(ctx, write(tmp_path / "c.csv", line(1)))
    assert gone.report.by_code["member_gone"] == 1
    assert gone.ref and done.ref
    await revert_import(ctx.unit, gone.ref)
    await revert_import(ctx.unit, done.ref)
    async with ctx.unit() as unit:
        after = await counts(unit)
        moved = {n for n in after if after[n] != before[n] and not n.startswith("import_")}
        assert moved <= SHELLS


class Stopped(Exception):
    """The process was killed."""


async def test_a_run_stopped_anywhere_goes_on_to_the_same_end(ctx: Ctx, tmp_path: Path) -> None:
    size = 2 * SIZE + 49
    rows = [line(n) for n in range(1, size + 1)]
    path = write(tmp_path / "a.csv", *rows)
    stop_at = random.Random(20260312).randint(1, 2)

    def tell(phase: str, done: int, total: int) -> None:
        if phase == "write" and done == stop_at:
            raise Stopped

    with pytest.raises(Stopped):
        await load(ctx, path, progress=tell)
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM household") == stop_at * SIZE
        assert await unit.value("SELECT state FROM import_run") == "running"
    done = await load(ctx, path)
    assert (done.report.created, done.report.unchanged) == (size, 0)
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM import_run") == 1
        assert await unit.value("SELECT count(*) FROM person") == size
        assert await unit.value("SELECT count(DISTINCT external_no) FROM housing_request") == size


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x00\xff\x00\xff" * 50, b"une ligne sans en-tete\n", b"Nom;Prenom\n",
        (HEADER + "".join(line(n, birth="31/02/1980") for n in range(40))).encode(),
        (HEADER + "".join(line(n) if n % 4 else line(n, family="", given="") for n in range(40))
         ).encode(),
    ],
    ids=["empty", "binary", "no header", "no rows", "all bad", "a quarter bad"],
)  # fmt: skip
async def test_a_file_that_cannot_be_trusted_leaves_the_base(
    ctx: Ctx, tmp_path: Path, data: bytes
) -> None:
    async with ctx.unit() as unit:
        before = await counts(unit)
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    done = await load(ctx, path)
    assert done.state == "refused" and done.report.untrusted is not None
    async with ctx.unit() as unit:
        after = await counts(unit)
        assert {n for n in after if after[n] != before[n]} == {"import_run"}
        assert await unit.value("SELECT state FROM import_run") == "refused"


async def test_a_hundred_thousand_broken_rows(ctx: Ctx, tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", *(line(n, birth="99/99/9999") for n in range(100_000)))
    done = await load(ctx, path)
    assert done.state == "refused" and done.report.rejected > 90_000
    assert len(done.report.findings) <= 5_000
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM household") == 0


async def test_numbers_and_look_alikes_against_the_base(ctx: Ctx, tmp_path: Path) -> None:
    await load(ctx, write(tmp_path / "a.csv", line(1), line(2)))
    async with ctx.unit() as unit:
        # another day: what is known already is older than the run that meets it
        await unit.fetch("UPDATE person SET created_at = created_at - interval '1 day'")
    same = line(7, person="P1", family="Marellebk", birth="02/02/1951")
    other = line(8, person="P2", family="Autre", given="Zoé", birth="09/09/1999")
    alike = line(2, no="T-9", group="G9", person="")
    done = await load(ctx, write(tmp_path / "b.csv", same, other, alike))
    assert done.report.created == 3
    async with ctx.unit() as unit:
        codes = sorted(r["code"] for r in await unit.fetch("SELECT code FROM import_flag"))
        assert codes == ["maybe_known", "number_conflict", "person_elsewhere"]
        assert await unit.value("SELECT count(*) FROM person") == 4
        assert await unit.value("SELECT count(*) FROM person WHERE external_no = 'P2'") == 1


async def test_only_those_who_may_import(ctx: Ctx, tmp_path: Path) -> None:
    from core.kernel.errors import Denied
    from core.testing import make_professional

    observer = ctx.acting(await make_professional(ctx, "observer"))
    with pytest.raises(Denied):
        await service.run_import(observer.unit, write(tmp_path / "a.csv", line(1)))
