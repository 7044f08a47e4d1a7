"""A file of demandes in the base: what is written, once, and what a second reading does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec

from core.extension.context import Ctx
from core.imports.runs import Done
from core.imports.service import run_import
from core.kernel.unit import Unit

SAMPLE = Path(__file__).parents[1] / "data" / "sample-demandes.csv"


async def counts(unit: Unit) -> dict[str, int]:
    """Rows of every table of this territory, and of the shared ones."""
    names = await unit.fetch(
        "SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace n "
        "ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r' "
        "AND c.relname <> 'migration' ORDER BY 1"
    )
    return {r["name"]: await unit.value(f"SELECT count(*) FROM {r['name']}") for r in names}


async def load(ctx: Ctx, path: Path = SAMPLE, **kw: object) -> Done:
    return await run_import(ctx.unit, path, **kw)  # type: ignore[arg-type]


async def test_the_sample_is_written(ctx: Ctx) -> None:
    done = await load(ctx)
    assert done.state == "done", done.report.untrusted
    report = done.report
    assert report.created == report.households > 0
    async with ctx.unit() as unit:
        n = await counts(unit)
        assert n["household"] == n["housing_request"] == n["request_facts"] == report.households
        assert n["person"] == n["membership"] == report.people
        run = await unit.row("SELECT * FROM import_run")
        assert run is not None and (run["state"], run["ref"]) == ("done", done.ref)
        assert msgspec.json.decode(run["report"])["counts"]["created"] == report.created
        marelle = await unit.row(
            "SELECT p.*, r.state, r.first_sent_on, r.seniority_on, r.refresh_due, r.external_no "
            "AS request_no FROM person p JOIN membership m ON m.person_id = p.id "
            "JOIN housing_request r ON r.household_id = m.household_id "
            "WHERE p.family_name = 'Marelle' AND m.role = 'main'"
        )
        assert marelle is not None
        assert marelle["given_name"] == "Odilon" and marelle["birth"] == date(1981, 3, 14)
        assert marelle["request_no"] == "DR-001" and marelle["state"] == "sent"


async def test_a_second_reading_changes_nothing(ctx: Ctx) -> None:
    first = await load(ctx)
    async with ctx.unit() as unit:
        before = await counts(unit)
    again = await load(ctx)
    report = again.report
    assert (report.created, report.updated) == (0, 0)
    assert report.unchanged == first.report.created
    async with ctx.unit() as unit:
        after = await counts(unit)
    assert {n for n in after if after[n] != before[n]} == {"import_run"}


async def test_a_dry_run_writes_nothing_and_tells_the_same(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        before = await counts(unit)
    dry = await load(ctx, dry_run=True)
    async with ctx.unit() as unit:
        assert await counts(unit) == before
    wet = await load(ctx)
    assert dry.ref is None
    assert dry.report.to_dict()["counts"] == wet.report.to_dict()["counts"]


async def test_people_are_found_by_each_word_and_each_slip(ctx: Ctx) -> None:
    from core.households.names import name_variants, search_key

    await load(ctx)
    async with ctx.unit() as unit:
        rows = await unit.fetch(
            "SELECT p.family_name, p.given_name, p.usual_name, p.search_key, "
            "array_agg(v.variant) AS found FROM person p "
            "JOIN person_variant v ON v.person_id = p.id GROUP BY p.id"
        )
        assert len(rows) == await unit.value("SELECT count(*) FROM person")
        slips = {(r[0], r[1]) for r in await unit.fetch("SELECT word, variant FROM spelling")}
    borne = set()
    for row in rows:
        words = search_key(" ".join(row[n] for n in ("family_name", "given_name", "usual_name")))
        assert set(row["found"]) == set(words.split())
        borne.update(words.split())
        assert row["search_key"] == search_key(f"{row['family_name']} {row['given_name']}")
    assert slips == {(word, v) for word in borne for v in name_variants(word)}


async def test_the_facts_are_those_the_services_build(ctx: Ctx) -> None:
    from core.requests.facts import KEPT, rebuild_facts

    await load(ctx)
    sql = f"SELECT request_id, {', '.join(KEPT)} FROM request_facts ORDER BY request_id"
    async with ctx.unit() as unit:
        written = [tuple(r) for r in await unit.fetch(sql)]
        for row in written:
            await rebuild_facts(unit, row[0])
        assert [tuple(r) for r in await unit.fetch(sql)] == written


SHELLS = {"household", "housing_request", "request_state", "seniority_act", "event", "delivery"}


async def test_a_revert_takes_everything_away(ctx: Ctx) -> None:
    from core.imports.reverting import revert_import

    async with ctx.unit() as unit:
        before = await counts(unit)
    done = await load(ctx)
    assert done.ref
    undone = await revert_import(ctx.unit, done.ref)
    assert undone.households == done.report.created and not undone.kept
    async with ctx.unit() as unit:
        after = await counts(unit)
        changed = {n for n in after if after[n] != before[n]}
        assert {n for n in changed if not n.startswith("import_")} <= SHELLS | {"column_mapping"}
        for row in await unit.fetch("SELECT * FROM household"):
            assert row["archived_on"] and not row["phone"] and row["external_no"] is None
        assert (
            await unit.value("SELECT count(*) FROM housing_request WHERE state <> 'cancelled'") == 0
        )
    again = await load(ctx)
    assert again.report.created == done.report.created
