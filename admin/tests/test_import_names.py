"""Communes and prescribers that a file names and nobody knows: said once, for now and for later."""

from __future__ import annotations

import re

from admin.tests.test_imports import HOME, choose, here, send, settings
from core.extension.context import Ctx
from core.imports.reverting import revert_import
from core.requests.tests.making import organisation
from core.territories.service import add_area, open_sector
from core.testing import Browser

__all__ = ["here", "settings"]

HEADER = "N° demande;Nom;Prénom;Date de naissance;Statut;Commune;Structure prescriptrice\r\n"


def rows(first: int, *said: tuple[str, str]) -> bytes:
    return (HEADER + "".join(
        f"N{first + n};Nom{first + n};Prénom;0{n + 1}/01/1980;Transmise;{commune};{prescriber}\r\n"
        for n, (commune, prescriber) in enumerate(said)
    )).encode()  # fmt: skip


async def names(here: Browser, path: str = "/noms") -> dict[str, str]:
    """The fields of the page: name as written -> field."""
    text = (await here.get(f"{HOME}{path}")).text
    return {said: field for field, said in
            re.findall(r'name="said_(\w+)" value="([^"]*)"', text)}  # fmt: skip


async def test_names_are_said_once_for_what_is_here_and_for_later(ctx: Ctx, here: Browser) -> None:
    async with ctx.unit() as unit:
        north = await open_sector(unit, code="n", name="Nord")
        whole = await open_sector(unit, code="t", name="Tout")
        await add_area(unit, name="Connue", sector_ids=[north, whole])
        await add_area(unit, name="Autre", sector_ids=[whole])
        ccas = await organisation(unit, "CCAS d’Essai")
    page = await send(
        here, rows(1, ("Connue", "CCAS d’Essai"), ("Hœnheim", "L’Étage"), ("HOENHEIM", "L'ETAGE"))
    )
    await choose(here, page)
    assert "noms du fichier ne sont pas reconnus" in here.text()
    token = page.rpartition("/")[2]
    assert set(await names(here, f"/noms?fichier={token}")) == {"Hœnheim", "L’Étage"}
    run = (await here.post(f"{page}/importer")).headers["location"]
    async with ctx.unit() as unit:
        known = await unit.row(
            "SELECT h.sector_id, r.organisation_id FROM household h "
            "JOIN housing_request r ON r.household_id = h.id WHERE r.external_no = 'N1'"
        )
        assert known is not None
        assert known["sector_id"] == north, "of two that overlap, the smaller"
        assert known["organisation_id"] == ccas
    fields = await names(here)
    answer = await here.post(f"{HOME}/noms", {
        **{f"said_{field}": said for said, field in fields.items()},
        fields["Hœnheim"]: f"s{north}", fields["L’Étage"]: f"o{ccas}",
    })  # fmt: skip
    assert answer.status_code == 303 and not await names(here)
    assert "Déjà reconnus" in (await here.get(f"{HOME}/noms")).text
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM household WHERE sector_id = $1", north) == 3
        assert await unit.value(
            "SELECT count(*) FROM housing_request WHERE organisation_id = $1", ccas
        ) == 3  # fmt: skip
    page = await send(here, rows(8, ("hoenheim", "L ETAGE")))
    await choose(here, page)
    assert "reconnu" not in here.text()
    await here.post(f"{page}/importer")
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM household WHERE sector_id = $1", north) == 4
    undone = await revert_import(ctx.unit, run.rpartition("/")[2])
    assert undone.households == 3, "to say what a name means is not to work on the file"


async def test_an_organisation_is_added_and_nobody_is_an_answer(ctx: Ctx, here: Browser) -> None:
    page = await send(here, rows(1, ("Loin", "Maraude Nouvelle"), ("", "Un particulier")))
    await choose(here, page)
    await here.post(f"{page}/importer")
    fields = await names(here)
    sent = {
        **{f"said_{field}": said for said, field in fields.items()},
        fields["Loin"]: "personne", fields["Maraude Nouvelle"]: "n2",
        fields["Un particulier"]: "personne",
    }  # fmt: skip
    bad = await here.post(f"{HOME}/noms", {**sent, fields["Loin"]: "o1"})
    assert bad.status_code == 422
    none = await here.post(f"{HOME}/noms", {})
    assert none.status_code == 422 and "Choisissez au moins une réponse." in none.text
    allowed = await here.post(f"{HOME}/noms", sent)
    if not ctx.can("housing.write"):
        assert allowed.status_code == 422
        return
    assert allowed.status_code == 303 and not await names(here)
    async with ctx.unit() as unit:
        assert await unit.value(
            "SELECT o.name FROM housing_request r JOIN organisation o ON o.id = r.organisation_id"
        ) == "Maraude Nouvelle"  # fmt: skip


async def test_a_file_of_another_territory_is_asked_about(ctx: Ctx, here: Browser) -> None:
    async with ctx.unit() as unit:
        await add_area(unit, name="Montreuil", postcode="93100")
    page = await send(here, "Périmètre : SIAO 67;;\r\n".encode() + rows(1, ("A", "B")))
    assert "Ce fichier est-il bien pour Essai ?" in here.text() and here.last
    shown = here.last.text
    picked = {
        name: chosen.group(1)
        for name, inner in re.findall(
            r'<select class="input" id="f-\w+" name="(\w+)".*?>(.*?)</select>', shown, re.S
        )
        if (chosen := re.search(r'value="(\w*)" selected', inner))
    }
    refused = await here.post(f"{page}/colonnes", picked)
    assert refused.status_code == 422 and "Cochez la case" in refused.text
    done = await here.post(f"{page}/colonnes", {**picked, "scope_checked": "yes"})
    assert done.status_code == 303, here.text()[:1500]


async def test_findings_are_told_by_kind_and_page_by_page(ctx: Ctx, here: Browser) -> None:
    lines = "".join(
        f"P{n};Nom{n};Prénom;3{n % 10}/13/1980;Transmise;;\r\n" if n % 9 == 0
        else f"P{n};Nom{n};Prénom;0{n % 9 + 1}/01/85;Transmise;;\r\n"
        for n in range(120)
    )  # fmt: skip
    page = await send(here, (HEADER + lines).encode())
    await choose(here, page)
    text = here.text()
    assert "Points par nature" in text and "50 sur 456" in text
    following = (await here.get(f"{page}?n=10")).text
    assert "6 sur 456" in following and "Page précédente" in following
    only = (await here.get(f"{page}?code=two_digit_year")).text
    assert "50 sur 106" in only and "Toutes les natures" in only
    assert (await here.get(f"{page}?n=99&code=nothing")).status_code == 200
