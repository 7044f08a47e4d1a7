"""Demandes that a file says referred or admitted: a queue, and three ways on."""

from __future__ import annotations

import pytest

from admin.tests.test_imports import choose, here, send, settings
from core.extension.context import Ctx
from core.kernel.errors import Refused
from core.placements.elsewhere import leave_elsewhere, said_by_a_file
from core.placements.tests.making import place, proposed, structure
from core.testing import Browser

__all__ = ["here", "settings"]

BASE = "/admin/essai"
FILE = (
    "N° demande;Nom;Prénom;Sexe;Date de naissance;Préconisation 1;Statut;Ancienneté;"
    "Première transmission\r\n"
    "E1;Orient;Zoé;F;01/02/1980;CHRS;Orientée;01/03/2025;01/03/2025\r\n"
    "E2;Admis;Léo;M;01/02/1981;CHRS;Admise;01/03/2025;01/03/2025\r\n"
    "E3;Sans;Kim;F;01/02/1982;;Orientée;01/03/2025;01/03/2025\r\n"
    "E4;Autre;Max;M;01/02/1983;CHRS;Admise;01/03/2025;01/03/2025\r\n"
)


async def refs(ctx: Ctx) -> dict[str, str]:
    async with ctx.unit() as unit:
        rows = await unit.fetch("SELECT external_no, ref FROM housing_request")
    return {r["external_no"]: r["ref"] for r in rows}


async def state(ctx: Ctx, number: str) -> str:
    async with ctx.unit() as unit:
        return str(await unit.value(
            "SELECT state FROM housing_request WHERE external_no = $1", number
        ))  # fmt: skip


async def test_they_wait_in_a_queue_and_each_way_leads_on(ctx: Ctx, here: Browser) -> None:
    async with ctx.unit() as unit:
        _, programme = await structure(unit)
        vacancy = await place(unit, programme)
        bed = await unit.value("SELECT unit_id FROM vacancy WHERE id = $1", vacancy)
        bed_ref = await unit.value("SELECT ref FROM housing_unit WHERE id = $1", bed)
    page = await send(here, FILE.encode())
    await choose(here, page)
    await here.post(f"{page}/importer")
    demandes = await refs(ctx)
    assert "Orientées ou admises selon un fichier" in (await here.get(f"{BASE}/")).text
    queue = (await here.get(f"{BASE}/a-faire/orientees-ailleurs")).text
    assert all(f"/demandes/{ref}" in queue for ref in demandes.values())
    text = (await here.get(f"{BASE}/demandes/{demandes['E1']}")).text
    for act in ("remettre-en-liste", "clore", "annuler"):
        assert f"/actes/{act}" in text
    assert f"/demandes/{demandes['E1']}/entree" in text and "Le fichier importé donne" in text
    back = f"{BASE}/demandes/{demandes['E1']}/actes/remettre-en-liste"
    assert (await here.post(back, {"reason": "Orientation sans suite"})).status_code == 303
    assert await state(ctx, "E1") == "waiting"
    async with ctx.unit() as unit:
        entry = await unit.row("SELECT kind, state, seniority_on FROM waiting_entry")
        assert entry is not None
        assert (entry["kind"], entry["state"], str(entry["seniority_on"])) == (
            "chrs", "active", "2025-03-01",
        )  # fmt: skip
    none = f"{BASE}/demandes/{demandes['E3']}/actes/remettre-en-liste"
    answer = await here.post(none, {"reason": "Essai"})
    assert answer.status_code == 409 and "Indiquez d’abord une préconisation" in answer.text
    entry_page = f"{BASE}/demandes/{demandes['E2']}/entree"
    assert bed_ref in (await here.get(entry_page)).text
    bad = await here.post(entry_page, {"on": ""})
    assert bad.status_code == 422 and "Choisissez une place." in bad.text
    later = await here.post(entry_page, {"place": bed_ref, "on": "2030-01-01"})
    assert later.status_code == 422
    done = await here.post(entry_page, {"place": bed_ref, "on": "2026-03-02"})
    assert done.status_code == 303 and "/sejours/" in done.headers["location"]
    assert await state(ctx, "E2") == "closed"
    async with ctx.unit() as unit:
        assert await unit.value("SELECT state FROM vacancy WHERE unit_id = $1", bed) == "filled"
        assert await unit.value("SELECT state FROM placement WHERE unit_id = $1", bed) == "present"
    again = await here.post(
        f"{BASE}/demandes/{demandes['E4']}/entree", {"place": bed_ref, "on": "2026-03-02"}
    )
    assert again.status_code == 409, "the place is taken"
    assert await state(ctx, "E4") == "admitted"
    close = f"{BASE}/demandes/{demandes['E4']}/actes/clore"
    assert (await here.post(close, {"reason": "Logé hors du territoire"})).status_code == 303
    assert await state(ctx, "E4") == "closed"
    left = (await here.get(f"{BASE}/a-faire/orientees-ailleurs")).text
    assert [n for n, ref in demandes.items() if ref in left] == ["E3"]


async def test_a_referral_made_here_is_answered_first(ctx: Ctx, here: Browser) -> None:
    async with ctx.unit() as unit:
        _, programme = await structure(unit)
        await place(unit, programme)
        referral = await proposed(unit, programme)
        row = await unit.row(
            "SELECT r.id, r.ref FROM housing_request r JOIN referral o ON o.request_id = r.id "
            "WHERE o.id = $1",
            referral,
        )
        assert row is not None and not await said_by_a_file(unit, row["id"])
        with pytest.raises(Refused):
            await leave_elsewhere(unit, row["id"], "close_otherwise", "Essai")
    path = f"{BASE}/demandes/{row['ref']}"
    text = (await here.get(path)).text
    assert "/actes/clore" not in text and "/entree" not in text
    assert (await here.post(f"{path}/actes/clore", {"reason": "Essai"})).status_code == 409
    assert (await here.get(f"{path}/entree")).status_code == 409
    assert row["ref"] not in (await here.get(f"{BASE}/a-faire/orientees-ailleurs")).text
