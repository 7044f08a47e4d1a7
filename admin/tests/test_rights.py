"""A person's rights at the desk: a copy with its reason, an erasure read before it is done."""

from __future__ import annotations

import json

from core.extension.context import Ctx
from core.households.service import write_note
from core.notifications.service import answer, write
from core.requests.service import step
from core.requests.tests.making import listed
from core.testing import Browser, make_professional


async def somebody(ctx: Ctx) -> tuple[str, int]:
    """(address of the person's page, their demande): somebody alone, with a note and a message."""
    async with ctx.unit() as unit:
        request_id = await listed(unit, family="Obsidienne", given="Porphyre")
        row = await unit.row(
            "SELECT h.id, h.ref, m.person_id, p.ref AS person FROM housing_request r "
            "JOIN household h ON h.id = r.household_id JOIN membership m ON m.household_id = h.id "
            "JOIN person p ON p.id = m.person_id WHERE r.id = $1",
            request_id,
        )
        assert row is not None
        await write_note(unit, row["id"], "Ondine note", field_class="health")
        sent = await write(unit, row["id"], row["person_id"], "message", "Ondine message")
        await answer(unit, sent, "Bien reçu.")
    return f"/admin/essai/menages/{row['ref']}/personnes/{row['person']}/droits", request_id


async def test_a_copy_is_noted_told_and_open_to_its_author_alone(
    ctx: Ctx, browser: Browser
) -> None:
    page, _ = await somebody(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    assert (await browser.get(page)).status_code == 200
    assert (await browser.post(page, {"reason": " "})).status_code == 422
    sent = await browser.post(page, {"reason": "Demande au guichet"})
    copy = sent.headers["location"]
    await browser.follow()
    assert "Ondine note" in browser.text() and "Copie incomplète" not in browser.text()
    held = json.loads((await browser.get(f"{copy}/fichier")).content)
    assert held["Copie des données de"] == "Porphyre Obsidienne"
    await browser.get(page)
    assert "Demande au guichet" in browser.text()
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM event WHERE kind = 'rights.copied'") == 1
    other = await make_professional(ctx, "coordinator", name="Nour Meyer")
    await browser.sign_in(ctx, other, "admin")
    assert (await browser.get(copy)).status_code == 404


async def test_an_administrator_hands_out_what_they_may_read(ctx: Ctx, browser: Browser) -> None:
    page, _ = await somebody(ctx)
    admin = await make_professional(ctx, "administrator", name="Dana Weiss")
    await browser.sign_in(ctx, admin, "admin")
    await browser.post(page, {"reason": "Courrier"})
    await browser.follow()
    assert "Copie incomplète" in browser.text() and "Ondine" not in browser.text()
    assert "Porphyre" in browser.text()


async def test_an_erasure_is_read_then_done_once(ctx: Ctx, browser: Browser) -> None:
    page, request_id = await somebody(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    assert (await browser.get(f"{page}/effacer")).status_code == 403, "a coordinator may not"
    admin = await make_professional(ctx, "administrator", name="Dana Weiss")
    await browser.sign_in(ctx, admin, "admin")
    await browser.get(f"{page}/effacer")
    for said in ("Une demande est en cours", "Notes : 1", "Messages et réponses : 1",
                 "Les sauvegardes"):  # fmt: skip
        assert said in browser.text(), said
    sent = {"basis": "asked", "reason": "Courrier du 10 mars", "confirmed": "yes"}
    assert "Effacer définitivement" not in browser.text()
    assert (await browser.post(f"{page}/effacer", sent)).status_code == 409
    async with ctx.unit() as unit:
        await step(unit, request_id, "cancel", reason="Ne souhaite plus")
    await browser.get(f"{page}/effacer")
    assert "Ce qui s’y oppose" not in browser.text()
    assert (await browser.post(f"{page}/effacer", {**sent, "confirmed": ""})).status_code == 422
    assert (
        await browser.post(f"{page}/effacer", {**sent, "basis": "retention"})
    ).status_code == 409
    assert "12 mars 2028" in browser.text()
    assert (await browser.post(f"{page}/effacer", sent)).status_code == 303
    assert (await browser.follow()).status_code == 200
    assert "effacée Personne" in browser.text() and "Obsidienne" not in browser.text()
    await browser.get(page)
    assert "Courrier du 10 mars" in browser.text() and "Préparer la copie" not in browser.text()
