"""The copy of what is held of one person: all that is theirs, nothing that another one told."""

from __future__ import annotations

import json
from typing import Any

from core.extension.context import Ctx
from core.households.service import ask_question, set_answer, write_note
from core.kernel.unit import Unit
from core.notifications.service import write
from core.requests.tests.making import listed
from core.rights.copies import Copy, copy_of
from core.testing import counting


async def couple(unit: Unit) -> tuple[int, int, int]:
    """(household, main person, partner), each having told something in confidence."""
    request_id = await listed(unit, couple=True)
    household_id = await unit.value(
        "SELECT household_id FROM housing_request WHERE id = $1", request_id
    )
    rows = await unit.fetch(
        "SELECT person_id FROM membership WHERE household_id = $1 ORDER BY role", household_id
    )
    main, partner = (r["person_id"] for r in rows)
    for person, word in ((main, "Ondine"), (partner, "Basalte")):
        await write(unit, household_id, person, "message", f"{word} message")
        await set_answer(unit, household_id, "violence", 1, person_id=person)
        await write_note(unit, household_id, f"{word} note", field_class="health", person_id=person)
    await write_note(unit, household_id, "Granit commun", field_class="social")
    await set_answer(unit, household_id, "preferences", 1, value="Schiste commun")
    await ask_question(unit, household_id, "health_follow_up", "Quartz ?",
                       to_account_id=unit.actor.account_id)  # fmt: skip
    return household_id, main, partner


def text(copy: Copy) -> str:
    return json.dumps([copy.name, copy.sections, copy.plugins], default=str, ensure_ascii=False)


async def test_one_adult_s_copy_holds_theirs_and_nothing_of_the_other(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, main, partner = await couple(unit)
        mine, theirs = await copy_of(ctx, unit, main), await copy_of(ctx, unit, partner)
    for word in ("Ondine message", "Ondine note", "0601020304"):
        assert word in text(mine) and word not in text(theirs), word
    for word in ("Basalte message", "Basalte note", "Moussa"):
        assert word in text(theirs) and word not in text(mine), word
    # what was noted of both, in free words, may be either's confidence: nobody's copy says it
    for word in ("Granit", "Schiste", "Quartz"):
        assert word not in text(mine) + text(theirs), word
    assert "Vos demandes" in dict(mine.sections) and mine.left_out == ()
    assert [r["Question"] for r in dict(mine.sections)["Vos réponses"]].count(
        "A subi des violences"
    ) == 1


async def test_somebody_alone_reads_all_that_was_written(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        request_id = await listed(unit)
        home = await unit.value(
            "SELECT household_id FROM housing_request WHERE id = $1", request_id
        )
        await write_note(unit, home, "Granit seul", field_class="social")
        person = await unit.value("SELECT person_id FROM membership WHERE household_id = $1", home)
        area = await unit.value("INSERT INTO area (name) VALUES ('Ostwald') RETURNING id")
        await set_answer(unit, home, "areas_wanted", 1, value=[area])
        await set_answer(unit, home, "resources_cents", 1, value=60_050)
        found = await copy_of(ctx, unit, person)
    held: dict[str, list[dict[str, Any]]] = dict(found.sections)
    assert "Granit seul" in text(found)
    assert {"Qui vous êtes", "Vos ménages", "Vos demandes", "Vos listes d’attente", "Les décisions",
            "Les sortes de lieux préconisées", "Où vous avez vécu"} <= set(held)  # fmt: skip
    said = {r["Question"]: r.get("En détail") for r in held["Vos réponses"]}
    assert said["Communes souhaitées"] == ["Ostwald"]
    assert said["Ressources du ménage par mois"] == 600.5
    assert held["Vos ménages"][0]["Place dans le ménage"] == "Personne principale"
    assert held["Vos demandes"][0]["Étapes"][0]["État"]


async def test_a_reader_without_a_class_hands_out_less_and_it_is_said(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, main, _ = await couple(unit)
        found = await copy_of(ctx, unit, main, lambda permission: permission == "households.read")
    assert "Ondine" not in text(found) and "Awa" in text(found)
    assert {"Vos réponses", "Les notes écrites sur vous", "Vos messages et leurs réponses"} <= set(
        found.left_out
    )


async def test_it_costs_the_same_whatever_it_holds(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        home, main, _ = await couple(unit)
        with counting() as few:
            await copy_of(ctx, unit, main)
        for n in range(30):
            await write(unit, home, main, "message", f"Encore {n}")
        with counting() as many:
            await copy_of(ctx, unit, main)
    assert len(few) == len(many)
