"""Related objects lead to one another, for those who may follow; hostile input breaks no page."""

from __future__ import annotations

from datetime import date

import pytest

from core.extension.context import Ctx
from core.placements.service import move_in
from core.placements.tests.making import admitted, proposed, structure
from core.testing import Browser, make_professional

HOME = "/admin/essai"
TODAY = date(2026, 3, 12)

_REFS = """
SELECT h.ref AS household, q.ref AS request, o.ref AS referral, s.ref AS stay, g.ref AS programme
FROM placement s JOIN referral o ON o.id = s.referral_id
JOIN housing_request q ON q.id = o.request_id JOIN household h ON h.id = q.household_id
JOIN housing_unit u ON u.id = s.unit_id JOIN programme g ON g.id = u.programme_id
WHERE s.id = $1
"""


async def housed(ctx: Ctx) -> dict[str, str]:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        stay_id = await move_in(unit, await admitted(unit, programme_id), on=TODAY)
        row = await unit.row(_REFS, stay_id)
        assert row is not None
        return dict(row)


async def test_household_demande_referral_and_stay_lead_to_one_another(
    ctx: Ctx, browser: Browser
) -> None:
    refs = await housed(ctx)
    paths = {
        "household": f"{HOME}/menages/{refs['household']}",
        "request": f"{HOME}/demandes/{refs['request']}",
        "referral": f"{HOME}/orientations/{refs['referral']}",
        "stay": f"{HOME}/sejours/{refs['stay']}",
        "programme": f"{HOME}/structures/{refs['programme']}",
    }
    leads = {
        "household": ("request", "referral", "stay"),
        "request": ("household", "referral"),
        "referral": ("household", "request", "stay"),
        "stay": ("household", "request", "referral", "programme"),
        "programme": ("stay",),
    }
    await browser.sign_in(ctx, ctx.who, "admin")
    for start, ends in leads.items():
        page = await browser.get(paths[start])
        assert page.status_code == 200
        for end in ends:
            assert f'href="{paths[end]}"' in page.text, f"{start} does not lead to {end}"


async def test_who_may_not_read_demandes_gets_no_link_to_one(ctx: Ctx, browser: Browser) -> None:
    refs = await housed(ctx)
    who = await make_professional(ctx, "administrator")
    await browser.sign_in(ctx, who, "admin")
    page = await browser.get(f"{HOME}/menages/{refs['household']}")
    assert page.status_code == 200
    assert refs["request"] in page.text
    assert f"/demandes/{refs['request']}" not in page.text
    assert f"/sejours/{refs['stay']}" not in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/menages/%00",
        "/menages?recherche=%00",
        "/places?secteur=99999999999999999999",
        "/places?secteur=%C2%B2",
        "/structures?secteur=99999999999999999999&q=%00",
        "/imports?apres=99999999999999999999",
        "/a-reporter?apres=2026-01-01T00:00:00~99999999999999999999",
        "/a-reporter?apres=2026-01-01T00:00:00~%C2%B2",
        "/demandes?composition=%C2%B2",
        "/recherche?recherche=%00",
        "/sejours?apres=%00",
        "/messages?etat=%00",
    ],
)
async def test_a_tampered_address_is_never_our_failure(
    ctx: Ctx, browser: Browser, path: str
) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    assert (await browser.get(f"{HOME}{path}")).status_code in (200, 400, 404, 422)


async def test_hostile_values_stay_beside_their_field(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    values = {
        "family_name": "Ma\x00rtin",
        "given_name": "<script>alert(1)</script>",
        "birth_day": "1",
        "birth_month": "1",
        "birth_year": "99999999999999999999",
    }
    page = await browser.post(f"{HOME}/demandes/nouvelle", values)
    assert page.status_code == 422
    assert "Cette date n’existe pas" in page.text
    assert "ne peut pas être gardé" in page.text
    assert "Martin" in page.text
    assert "<script>alert(1)" not in page.text
    page = await browser.post(f"{HOME}/reglages/secteurs", {"name": "a\x00b", "code": "nord"})
    assert page.status_code in (303, 422)
    page = await browser.post(f"{HOME}/a-reporter", {"done": "99999999999999999999"})
    assert page.status_code == 303


async def test_a_structure_gets_no_link_to_a_referral_not_yet_sent_to_it(
    ctx: Ctx, browser: Browser
) -> None:
    async with ctx.unit() as unit:
        organisation_id, programme_id = await structure(unit)
        referral_id = await proposed(unit, programme_id)
        ref = await unit.value("SELECT ref FROM referral WHERE id = $1", referral_id)
    await browser.sign_in(ctx, ctx.who, "admin")
    assert f"/orientations/{ref}" in (await browser.get(f"{HOME}/places?etat=tous")).text
    who = await make_professional(ctx, "structure", organisation_id=organisation_id)
    await browser.sign_in(ctx, who, "admin")
    page = await browser.get(f"{HOME}/places?etat=tous")
    assert "La Rive" in page.text and f"/orientations/{ref}" not in page.text
