"""Two browsers on one card: the second compares, loses nothing, and the card tells its past."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.extension.context import Ctx
from core.housing.service import declare_vacancy
from core.placements.service import exit_stay, move_in
from core.placements.tests.making import admitted, place, structure
from core.testing import Browser, counting, make_professional

HOME = "/admin/essai"
TODAY = date(2026, 3, 12)


async def cards(ctx: Ctx) -> dict[str, tuple[str, dict[str, Any], str]]:
    """Of each card: its address, what its form sends, and where its past is read."""
    async with ctx.unit() as unit:
        organisation_id, programme_id = await structure(unit)
        unit_id = await place(unit, programme_id, free=False)
        vacancy_id = await declare_vacancy(unit, unit_id, free_on=TODAY)
        refs = {
            table: await unit.value(f"SELECT ref FROM {table} WHERE id = $1", row_id)
            for table, row_id in (
                ("programme", programme_id), ("housing_unit", unit_id), ("vacancy", vacancy_id),
            )
        }  # fmt: skip
        row = await unit.row("SELECT * FROM housing_unit WHERE id = $1", unit_id)
        assert row is not None
    one = f"{HOME}/structures/{refs['programme']}"
    its_place = f"{one}/places/{refs['housing_unit']}"
    counts = {n: row[n] for n in ("label", "typology", "min_persons", "max_persons")}
    contact = f"{HOME}/structures/organisations"
    free = f"{HOME}/places/{refs['vacancy']}"
    return {
        "structure": (f"{one}/modifier", {"name": "La Rive", "*": "house_rules"}, one),
        "place": (its_place, {**counts, "*": "label"}, its_place),
        "organisation": (
            f"{contact}/coordonnees", {"organisation": organisation_id, "*": "address"}, contact,
        ),
        "note": (f"{free}/note", {"*": "note"}, free),
    }  # fmt: skip


@pytest.mark.parametrize("which", ["structure", "place", "organisation", "note"])
async def test_the_second_editor_compares_and_the_card_tells_its_past(
    ctx: Ctx, browser: Browser, which: str
) -> None:
    path, values, read = (await cards(ctx))[which]
    field = values.pop("*")
    await browser.sign_in(ctx, ctx.who, "admin")
    page = await browser.get(path if which in ("structure", "place") else read)
    assert 'name="version" value="1"' in page.text
    first = await browser.post(path, {**values, field: "Premier texte", "version": "1"})
    assert first.status_code == 303, browser.text()
    second = await browser.post(path, {**values, field: "Second texte", "version": "1"})
    assert second.status_code == 409
    text = browser.text()
    assert "Premier texte Second texte" in text.split("Comparaison champ par champ")[1]
    assert "Vous avez modifié cette fiche dans une autre fenêtre" in text
    assert "Quelqu’un" not in text and "l’autre personne" not in text
    assert 'name="version" value="2"' in second.text
    assert 'value="Second texte"' in second.text or ">\nSecond texte<" in second.text
    again = await browser.post(path, {**values, field: "Second texte", "version": "2"})
    assert again.status_code == 303
    told = (await browser.get(read)).text
    assert "avant : </span>Premier texte</del>" in told
    assert "après : </span>Second texte</ins>" in told
    assert ctx.who.name in told.split("Modifications")[1]


async def test_another_person_s_change_is_said_to_be_theirs(ctx: Ctx, browser: Browser) -> None:
    path, values, _ = (await cards(ctx))["place"]
    del values["*"]
    for who, label, status in ((ctx.who, "Sept", 303), (None, "Huit", 409)):
        actor = who or await make_professional(ctx, "coordinator", name="Une autre")
        await browser.sign_in(ctx, actor, "admin")
        answer = await browser.post(path, {**values, "label": label, "version": "1"})
        assert answer.status_code == status, browser.text()
    text = browser.text()
    assert "Quelqu’un a modifié cette fiche" in text and "l’autre personne" in text
    assert "dans une autre fenêtre" not in text


async def test_sending_again_does_not_undo_what_one_had_not_touched(
    ctx: Ctx, browser: Browser
) -> None:
    path, values, _ = (await cards(ctx))["place"]
    del values["*"]
    await browser.sign_in(ctx, ctx.who, "admin")
    first = {**values, "label": "Sept", "cost": "450", "modulable": "yes", "version": "1"}
    assert (await browser.post(path, first)).status_code == 303
    second = await browser.post(path, {**values, "label": "Huit", "version": "1"})
    assert second.status_code == 409
    text = browser.text().split("Comparaison champ par champ")[1]
    assert "Nom Sept Huit" in text
    assert "Logement modulable Oui non modifié : repris ci-dessous" in text
    assert 'value="Huit"' in second.text and 'value="450,00"' in second.text
    assert "checked" in second.text.split('name="modulable"')[1].split(">")[0]


async def test_coded_values_are_told_in_words(ctx: Ctx, browser: Browser) -> None:
    path, values, _ = (await cards(ctx))["place"]
    del values["*"]
    await browser.sign_in(ctx, ctx.who, "admin")
    known = {**values, "accessible": "yes", "cost": "450", "version": "1"}
    assert (await browser.post(path, known)).status_code == 303
    await browser.post(path, {**values, "accessible": "no", "cost": "460,50", "version": "1"})
    text = browser.text().split("Comparaison champ par champ")[1]
    assert "Accessible en fauteuil Oui Non" in text
    assert "Coût mensuel pour le ménage 450,00 € 460,50 €" in text.replace("\xa0", " ").replace(
        "\u202f", " "
    )


async def test_an_exit_taken_back_is_read_on_the_stay(ctx: Ctx, browser: Browser) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        stay = await move_in(unit, await admitted(unit, programme_id), on=TODAY)
        await exit_stay(unit, stay, on=TODAY, exit_code=102, words="Chez sa sœur")
        ref = await unit.value("SELECT ref FROM placement")
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.post(f"{HOME}/sejours/{ref}/reprendre", {"reason": "Mauvais ménage"})
    await browser.get(f"{HOME}/sejours/{ref}")
    text = browser.text().split("Historique")[1]
    assert "Mauvais ménage" in text and "Chez sa sœur" in text
    assert "Le 12 mars 2026" in text and "Vers" in text


async def test_a_list_of_organisations_asks_as_much_for_one_as_for_many(
    ctx: Ctx, browser: Browser
) -> None:
    async with ctx.unit() as unit:
        await structure(unit)
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{HOME}/structures/organisations"
    await browser.get(path)
    with counting() as one:
        await browser.get(path)
    async with ctx.unit() as unit:
        for _ in range(30):
            await structure(unit)
        await unit.fetch("UPDATE territory_organisation SET phone = '03 88 00 00 00'")
    with counting() as many:
        await browser.get(path)
    assert len(many) == len(one)
