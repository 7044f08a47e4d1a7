"""The pages of structures, places, referrals and stays, as people use them without script."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from core.extension.context import Ctx
from core.placements.tests.making import admitted, place, proposed, structure
from core.requests.tests.making import listed
from core.testing import Browser, counting, make_professional

HOME = "/admin/essai"
TODAY = date(2026, 3, 12)


async def ref_of(ctx: Ctx, table: str, row_id: int) -> str:
    async with ctx.unit() as unit:
        return str(await unit.value(f"SELECT ref FROM {table} WHERE id = $1", row_id))


async def test_a_structure_is_opened_with_its_places(ctx: Ctx, browser: Browser) -> None:
    async with ctx.unit() as unit:
        organisation_id, _ = await structure(unit)
    await browser.sign_in(ctx, ctx.who, "admin")
    answer = await browser.post(f"{HOME}/structures/nouvelle", {"kind": "alt"})
    assert answer.status_code == 422 and "Indiquez un nom." in answer.text
    await browser.post(
        f"{HOME}/structures/nouvelle",
        {
            "name": "Les Tilleuls",
            "kind": "alt",
            "organisation": organisation_id,
            "opened_on": "2024-01-01",
        },
    )
    page = await browser.follow()
    assert page.status_code == 200 and "Les Tilleuls" in page.text
    path = browser.trail[-1]
    await browser.post(
        f"{path}/places",
        {"label": "Chambre", "how_many": 12, "first": 101, "min_persons": 1, "max_persons": 2},
    )
    page = await browser.follow()
    assert "Chambre 112" in page.text and "Chambre 113" not in page.text
    found = await browser.get(f"{HOME}/structures?q=tilleuls")
    assert "Les Tilleuls" in found.text and ">La Rive" not in found.text


async def test_a_change_of_kind_shows_who_is_protected_before_it_is_done(
    ctx: Ctx, browser: Browser
) -> None:
    from core.placements.service import move_in

    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        await move_in(unit, await admitted(unit, programme_id), on=TODAY)
    path = f"{HOME}/structures/{await ref_of(ctx, 'programme', programme_id)}"
    await browser.sign_in(ctx, ctx.who, "admin")
    values = {"kind": "pension_de_famille", "on": "2026-04-01", "why": "Logement d’abord"}
    shown = await browser.post(f"{path}/type", values)
    assert "gardent leurs conditions : 1." in shown.text
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM programme_kind WHERE ends_on IS NULL") == 1
        assert await unit.value("SELECT protected_kind FROM placement") == ""
    done = await browser.post(f"{path}/type", {**values, "confirmed": "yes"})
    assert done.status_code == 303
    async with ctx.unit() as unit:
        assert await unit.value("SELECT protected_kind FROM placement") == "chrs"


async def test_from_a_free_place_to_the_keys_by_hand(ctx: Ctx, browser: Browser) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        unit_id = await place(unit, programme_id, free=False)
        await listed(unit)
        second = await listed(unit, family="Martin")
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.post(
        f"{HOME}/places/declarer",
        {"place": await ref_of(ctx, "housing_unit", unit_id), "free_on": "2026-03-12"},
    )
    page = await browser.follow()
    assert "Diallo" in page.text and "Martin" in page.text
    path = browser.trail[-1]
    request_ref = await ref_of(ctx, "housing_request", second)
    async with ctx.unit() as unit:
        first_ranked = await unit.value("SELECT ref FROM housing_request WHERE id <> $1", second)
    ranks = re.findall(rf"demande=({request_ref}|{first_ranked})", page.text)
    lower = ranks[1]
    asked = await browser.get(f"{path}/proposer?demande={lower}")
    (above,) = re.findall(r'name="above" value="([^"]*)"', asked.text)
    assert above == ranks[0]
    values = {"demande": lower, "answer_by": "2026-03-19", "words": "Un studio calme."}
    unread = await browser.post(
        f"{path}/proposer", {**values, "above": "", "why_all": "household_wish"}
    )
    assert unread.status_code == 422 and "depuis votre lecture" in unread.text
    values["above"] = above
    refused = await browser.post(f"{path}/proposer", values)
    assert refused.status_code == 422 and "au-dessus" in refused.text
    assert "Un studio calme." in refused.text
    await browser.post(f"{path}/proposer", {**values, "why_all": "household_wish"})
    page = await browser.follow()
    assert "Proposée au ménage" in browser.text()
    async with ctx.unit() as unit:  # until the last minute of that day here, an hour before UTC's
        assert await unit.value("SELECT answer_by FROM referral") == datetime(
            2026, 3, 19, 22, 59, tzinfo=UTC
        )
    path = browser.trail[-1]
    said = {"words": "Madame, au téléphone"}
    for slug in ("accepter", "envoyer", "admettre"):
        assert (await browser.get(f"{path}/{slug}")).status_code == 200
        assert (await browser.post(f"{path}/{slug}", said)).status_code == 303
    assert (await browser.get(f"{path}/entrer")).status_code == 200
    await browser.post(f"{path}/entrer", {"on": "2026-03-12", "lease_kind": "sejour"})
    page = await browser.follow()
    assert "Noter la sortie" in page.text
    stay_path = browser.trail[-1]
    lacking = await browser.post(f"{stay_path}/sortie", {"on": "2026-03-12"})
    assert lacking.status_code == 422 and "Indiquez où va le ménage." in lacking.text
    await browser.post(f"{stay_path}/sortie", {"on": "2026-03-12", "exit_code": "102"})
    assert "Logement du parc public" in (await browser.follow()).text


async def test_a_refusal_shows_its_effect_before_it_is_confirmed(
    ctx: Ctx, browser: Browser
) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
    path = f"{HOME}/orientations/{await ref_of(ctx, 'referral', referral_id)}"
    await browser.sign_in(ctx, ctx.who, "admin")
    lacking = await browser.post(f"{path}/decliner", {"words": "Par SMS"})
    assert lacking.status_code == 422 and "Indiquez un motif." in lacking.text
    unsaid = await browser.post(f"{path}/decliner", {"reason_code": "other"})
    assert unsaid.status_code == 422 and "demande une explication écrite" in unsaid.text
    values = {"reason_code": "location", "words": "Par SMS"}
    shown = await browser.post(f"{path}/decliner", values)
    assert "Ancienneté conservée" in shown.text and "deux personnes" in shown.text
    async with ctx.unit() as unit:
        assert await unit.value("SELECT state FROM referral") == "proposed"
    key = "6f2f2f9e-6f0b-4c1e-9a55-0c8f6f3e8a11"
    for _ in range(2):  # a double click
        answer = await browser.post(f"{path}/decliner", {**values, "confirmed": "yes", "_key": key})
        assert answer.status_code == 303
    async with ctx.unit() as unit:
        verbs = [r["verb"] for r in await unit.fetch("SELECT verb FROM referral_state ORDER BY id")]
    assert verbs == ["propose", "decline_orally"]
    late = await browser.post(f"{path}/accepter", {"words": "Trop tard"})
    assert late.status_code in (404, 409)


async def test_a_structure_sees_its_own_pages_and_only_them(ctx: Ctx, browser: Browser) -> None:
    async with ctx.unit() as unit:
        mine, programme_id = await structure(unit)
        _, other_id = await structure(unit)
        own = await admitted(unit, programme_id, family="Benali")
        await admitted(unit, other_id, family="Cachée")
        theirs = await place(unit, other_id)
        unsent = await proposed(unit, programme_id, family="Secrète")
    actor = await make_professional(ctx, "structure", organisation_id=mine)
    await browser.sign_in(ctx, actor, "admin")
    page = await browser.get(f"{HOME}/orientations?file=admitted")
    assert "Benali" in page.text and "Cachée" not in page.text
    assert "Secrète" not in (await browser.get(f"{HOME}/orientations?file=proposed")).text
    page = await browser.get(f"{HOME}/orientations/{await ref_of(ctx, 'referral', own)}")
    assert "Noter l’entrée" in page.text and "Annuler l’orientation" not in page.text
    assert "/menages/" not in page.text
    hidden = await ref_of(ctx, "referral", unsent)
    assert (await browser.get(f"{HOME}/orientations/{hidden}")).status_code == 404
    assert (
        await browser.get(f"{HOME}/places/{await ref_of(ctx, 'vacancy', theirs)}")
    ).status_code == 404
    assert (await browser.get(f"{HOME}/structures/nouvelle")).status_code == 403


@pytest.mark.parametrize("path", ["structures", "places", "orientations?file=proposed", "sejours"])
async def test_a_list_costs_the_same_for_one_row_and_for_thirty(
    ctx: Ctx, browser: Browser, path: str
) -> None:
    from core.placements.service import move_in

    await browser.sign_in(ctx, ctx.who, "admin")

    async def more(times: int) -> None:
        for n in range(times):
            async with ctx.unit() as unit:
                if path == "structures":
                    await structure(unit)
                    continue
                _, programme_id = await structure(unit)
                if path == "places":
                    await place(unit, programme_id)
                elif path == "sejours":
                    referral_id = await admitted(unit, programme_id, family=f"Nom{n}")
                    await move_in(unit, referral_id, on=TODAY)
                else:
                    await proposed(unit, programme_id, family=f"Nom{n}")

    await more(1)
    await browser.get(f"{HOME}/{path}")
    with counting() as one:
        assert (await browser.get(f"{HOME}/{path}")).status_code == 200
    await more(29)
    with counting() as thirty:
        page = await browser.get(f"{HOME}/{path}")
    assert page.text.count("<tr>") >= 30
    assert len(thirty) == len(one)


async def test_no_place_at_all_is_not_said_as_all_declared(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.get(f"{HOME}/places/declarer")
    assert "Aucune place n’est enregistrée." in browser.text()
    assert "déjà déclarées" not in browser.text()
