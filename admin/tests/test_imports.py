"""A file from its upload to the base and back, on pages without scripts."""

from __future__ import annotations

import html
import re
from datetime import date
from pathlib import Path

import pytest
from litestar import Litestar

import core.imports
from core.commands.import_job import do
from core.extension.context import Ctx
from core.households.service import assign_key_worker, change_person, set_situation
from core.imports.doubts import doubts_of
from core.imports.jobs import Job
from core.kernel.settings import Settings
from core.requests.service import complete_request, recommend
from core.requests.tests.making import organisation
from core.testing import Browser, counting, make_professional

SAMPLE = Path(core.imports.__file__).parent / "data" / "sample-demandes.csv"
HOME = "/admin/essai/imports"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    from core.kernel.settings import DEMO_SECRET

    return Settings(
        environment="test", secret_key=DEMO_SECRET, public_url="http://127.0.0.1:8000",
        home=tmp_path,
    )  # fmt: skip


@pytest.fixture
async def here(ctx: Ctx, app: Litestar, browser: Browser) -> Browser:
    """A coordinator's browser; jobs are done at once, in this process."""

    async def launch(job: Job) -> None:
        await do(ctx, job)

    app.state.launch_import = launch
    await browser.sign_in(ctx, ctx.who, "admin")
    return browser


async def send(browser: Browser, data: bytes, name: str = "demandes.csv") -> str:
    answer = await browser.post(f"{HOME}/nouveau", files={"file": (name, data, "text/csv")})
    assert answer.status_code == 303, answer.text
    page = await browser.follow()
    assert page.status_code == 200, page.text
    return str(answer.headers["location"])


async def choose(browser: Browser, page: str) -> None:
    """Confirm the columns as they were guessed."""
    import re

    text = browser.last.text if browser.last else ""
    picked = {}
    for name, inner in re.findall(
        r'<select class="input" id="f-\w+" name="(\w+)".*?>(.*?)</select>', text, re.S
    ):
        chosen = re.search(r'value="(\w*)" selected', inner)
        picked[name] = chosen.group(1) if chosen else ""
    answer = await browser.post(f"{page}/colonnes", picked)
    assert answer.status_code == 303, browser.text()
    await browser.follow()


async def test_a_file_is_checked_imported_and_undone(ctx: Ctx, here: Browser) -> None:
    page = await send(here, SAMPLE.read_bytes())
    assert "colonnes reconnues" in here.text()
    await choose(here, page)
    assert "Rien n’est encore écrit" in here.text()
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM household") == 0
        assert await unit.value("SELECT count(*) FROM import_run") == 0
    errors = await here.get(f"{page}?vue=erreurs")
    assert "Refusée" in errors.text and "À vérifier</span>" not in errors.text
    answer = await here.post(f"{page}/importer")
    run = answer.headers["location"]
    await here.follow()
    assert "Terminé" in here.text()
    async with ctx.unit() as unit:
        households = await unit.value("SELECT count(*) FROM household")
    assert households > 0
    again = await here.post(f"{page}/importer")
    assert again.headers["location"].startswith(page)
    listed = await here.get(HOME)
    assert "demandes.csv" in listed.text
    file = await here.get(f"{run}/erreurs.csv")
    assert file.headers["content-type"].startswith("text/csv")
    assert file.text.startswith("\ufeffLigne;Colonne;Valeur;Gravité;Message\r\n")
    asked = await here.get(f"{run}/annuler")
    assert "Ménages retirés" in asked.text
    await here.post(f"{run}/annuler")
    await here.follow()
    assert "Annulé" in here.text()
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM person") == 0


async def test_a_run_under_way_shows_how_far_it_is(ctx: Ctx, app: Litestar, here: Browser) -> None:
    page = await send(here, SAMPLE.read_bytes())
    await choose(here, page)
    asked: list[Job] = []

    async def later(job: Job) -> None:
        asked.append(job)

    app.state.launch_import = later
    run = (await here.post(f"{page}/importer")).headers["location"]
    shown = await here.follow()
    assert shown.status_code == 200 and "En cours" in shown.text
    assert shown.headers["refresh"] == "3"
    assert "Annuler cet import" not in shown.text
    await do(ctx, asked[0])
    shown = await here.get(run)
    assert "Terminé" in shown.text and "refresh" not in shown.headers


async def test_an_undoing_under_way_says_so(ctx: Ctx, app: Litestar, here: Browser) -> None:
    page = await send(here, SAMPLE.read_bytes())
    await choose(here, page)
    run = (await here.post(f"{page}/importer")).headers["location"]
    asked: list[Job] = []

    async def later(job: Job) -> None:
        asked.append(job)

    app.state.launch_import = later
    for _ in range(2):
        assert (await here.post(f"{run}/annuler")).status_code == 303
    shown = await here.follow()
    assert "Annulation en cours" in shown.text and "Terminé" not in shown.text
    assert shown.headers["refresh"] == "3" and "annulé le" not in shown.text
    assert "Annuler cet import" not in shown.text, "it is being done"
    await do(ctx, asked[0])
    shown = await here.get(run)
    assert "Annulé" in shown.text and "annulé le" in shown.text and "refresh" not in shown.headers
    assert (await here.post(f"{run}/annuler")).status_code == 409


async def test_a_doubt_about_who_somebody_is_is_checked_before_transmission(
    ctx: Ctx, here: Browser
) -> None:
    """A birth read from two digits: shown, checked by somebody, sent; asked once."""
    file = (
        "N° demande;Nom;Prénom;Sexe;Date de naissance;Situation résidentielle;Motif;Téléphone;"
        "Préconisation 1;Structure prescriptrice;Montant mensuel;Statut\r\n"
        "Q1;Quillon;Maud;F;03/04/85;Rue;;0601020304;CHRS;;600;Brouillon\r\n"
    )
    page = await send(here, file.encode())
    await choose(here, page)
    await here.post(f"{page}/importer")
    async with ctx.unit() as unit:
        row = await unit.row("SELECT id, ref, household_id FROM housing_request")
        assert row is not None
        shown = await doubts_of(unit, row["id"], row["household_id"])
        person = await unit.row("SELECT id, ref, version FROM person")
        assert [d.key.rpartition(".")[2] for d in shown] == ["two_digit_year"]
        asking = await organisation(unit)
        version = await unit.value("SELECT version FROM housing_request")
        await complete_request(
            unit, row["id"], version, reason_code=203, organisation_id=asking,
            answers={"resources_cents": (1, 60_000)},
        )  # fmt: skip
        await recommend(unit, row["id"], [("chrs", 2, "")])
        await assign_key_worker(unit, row["household_id"], ctx.who.account_id or 0)
        await set_situation(unit, person["id"], 20, starts_on=unit.today)
    path = f"/admin/essai/demandes/{row['ref']}"
    text = (await here.get(path)).text
    assert "1 point à vérifier avant de transmettre" in here.text() and "1985" in text
    assert f"/personnes/{person['ref']}" in text
    sent = {**inputs(text), "then": "transmettre", "informed_on": "2026-03-10"}
    answer = await here.post(path, sent)
    assert answer.headers["location"].endswith("#doutes")
    assert await state(ctx, row["id"]) == "draft", "not sent unseen"
    text = (await here.get(path)).text
    sent = {**inputs(text), "then": "transmettre", "informed_on": "2026-03-10"}
    answer = await here.post(path, {**sent, "doubts_checked": "yes"})
    assert answer.status_code == 303 and "#" not in answer.headers["location"]
    assert await state(ctx, row["id"]) == "sent"
    async with ctx.unit() as unit:
        assert await doubts_of(unit, row["id"], row["household_id"]) == [], "asked once"
        told = await unit.row(
            "SELECT actor_id, payload ->> 'doubts' AS doubts FROM event WHERE payload ? 'doubts'"
        )
        assert told is not None and told["actor_id"] == ctx.who.account_id


async def test_a_card_that_was_corrected_leaves_no_doubt(ctx: Ctx, here: Browser) -> None:
    page = await send(here, b"Nom;Prenom;Date de naissance\r\nQuillon;Maud;03/04/85\r\n")
    await choose(here, page)
    await here.post(f"{page}/importer")
    async with ctx.unit() as unit:
        row = await unit.row("SELECT id, household_id FROM housing_request")
        person = await unit.row("SELECT id, version FROM person")
        assert row is not None and person is not None
        assert await doubts_of(unit, row["id"], row["household_id"])
        await change_person(unit, person["id"], person["version"], birth=date(1984, 4, 3))
    async with ctx.unit() as unit:
        assert await doubts_of(unit, row["id"], row["household_id"]) == []


def inputs(page: str) -> dict[str, str]:
    """The fields of a demande's form that its page shows filled in."""
    found = re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"(?: checked)?', page)
    kept = {n: html.unescape(v) for n, v in found if n in ("version", "base", "draft_version")}
    for name, inner in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.S):
        if chosen := re.search(r'value="(\w*)" selected', inner):
            kept[name] = chosen.group(1)
    return {
        **kept, "resources": "yes", "resource_lines_count": "1", "res_amount_1": "600",
        "recommendations_count": "1",
    }  # fmt: skip


async def state(ctx: Ctx, request_id: int) -> str:
    async with ctx.unit() as unit:
        return str(await unit.value("SELECT state FROM housing_request WHERE id = $1", request_id))


async def test_flags_are_settled_and_nobody_is_merged(ctx: Ctx, here: Browser) -> None:
    page = await send(here, SAMPLE.read_bytes())
    await choose(here, page)
    run = (await here.post(f"{page}/importer")).headers["location"]
    async with ctx.unit() as unit:
        people = await unit.value("SELECT count(*) FROM person")
        flags = await unit.fetch("SELECT id, code FROM import_flag ORDER BY id")
    assert any(f["code"] == "maybe_same_person" for f in flags)
    shown = await here.get(f"{run}/doublons")
    assert "C’est la même personne" in shown.text
    flag = next(f["id"] for f in flags if f["code"] == "maybe_same_person")
    answer = await here.post(f"{run}/doublons", {"flag": flag, "decision": "same"})
    assert answer.status_code == 303
    twice = await here.post(f"{run}/doublons", {"flag": flag, "decision": "different"})
    assert twice.status_code == 409 and "déjà été vérifié" in twice.text
    async with ctx.unit() as unit:
        assert await unit.value("SELECT settled_as FROM import_flag WHERE id = $1", flag) == "same"
        assert await unit.value("SELECT count(*) FROM person") == people


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04 a workbook", b"a;b\r\n1;2\r\n", b"\x00\x01\x02"]
)
async def test_a_file_that_is_none_says_so(ctx: Ctx, here: Browser, data: bytes) -> None:
    await send(here, data)
    assert "Ce fichier ne peut pas être importé" in here.text()


async def test_no_file_at_all(ctx: Ctx, here: Browser) -> None:
    answer = await here.post(f"{HOME}/nouveau", files={"file": ("", b"", "text/csv")})
    assert answer.status_code == 422 and "Choisissez un fichier." in answer.text


async def test_a_column_given_twice_is_told_beside_it(ctx: Ctx, here: Browser) -> None:
    page = await send(here, "Nom;Prénom;Né le\r\nA;B;01/01/1990\r\n".encode())
    answer = await here.post(
        f"{page}/colonnes", {"c0": "family_name", "c1": "family_name", "c2": "birth"}
    )
    assert answer.status_code == 422
    assert "déjà donné par une autre colonne" in answer.text
    answer = await here.post(f"{page}/colonnes", {"c0": "", "c1": "", "c2": "birth"})
    assert answer.status_code == 422 and "indispensables" in answer.text


async def test_who_may_not_and_another_territory(ctx: Ctx, app: Litestar, browser: Browser) -> None:
    observer = await make_professional(ctx, "observer")
    await browser.sign_in(ctx, observer, "admin")
    for path in ("", "/nouveau", "/ABCDEFGHJK", "/ABCDEFGHJK/doublons"):
        assert (await browser.get(HOME + path)).status_code == 403
    assert (await browser.get("/admin/essai/a-reporter")).status_code == 403


async def test_an_upload_of_another_territory_is_not_found(ctx: Ctx, here: Browser) -> None:
    from core.imports.uploads import Uploads

    upload = Uploads(ctx.settings.home).keep(b"Nom;Prenom\nA;B\n", "x.csv", ctx.place.id + 1, None)
    assert (await here.get(f"{HOME}/nouveau/{upload.token}")).status_code == 404
    assert (await here.get(f"{HOME}/nouveau/..%2F..%2Fetc")).status_code == 404
    assert (Uploads(ctx.settings.home).path(upload.token).stat().st_mode & 0o777) == 0o600


async def test_changes_to_enter_leave_the_queue(ctx: Ctx, here: Browser) -> None:
    from core.households.external import to_report
    from core.households.service import NewPerson, create_household

    empty = await here.get("/admin/essai/a-reporter")
    assert "Tout est reporté." in empty.text
    async with ctx.unit() as unit:
        household = await create_household(unit, [NewPerson("Marelle", "Odile")])
        for n in range(30):
            await to_report(unit, household, "person", f"Texte numéro {n}")
        ids = [r["id"] for r in await unit.fetch("SELECT id FROM external_change ORDER BY id")]
    with counting() as many:
        page = await here.get("/admin/essai/a-reporter")
    assert "Texte numéro 29" in page.text and "Camille Roth" in page.text
    answer = await here.post("/admin/essai/a-reporter", {"done": ids[1:]})
    assert answer.status_code == 303
    with counting() as one:
        page = await here.get("/admin/essai/a-reporter")
    assert "Texte numéro 0" in page.text and "Texte numéro 1<" not in page.text
    assert len(one) == len(many)
    async with ctx.unit() as unit:
        row = await unit.row("SELECT * FROM external_change WHERE id = $1", ids[1])
        assert row is not None and row["done_by"] == ctx.who.account_id


async def test_pages_ask_the_same_number_of_statements(ctx: Ctx, here: Browser) -> None:
    header = "N° demande;Nom;Prénom;Date de naissance;Statut\r\n"
    seen = {}
    for size in (1, 30):
        rows = "".join(f"Z{size}-{n};Nom{n}x;Prénom;{n % 28 + 1:02}/01/1980;Transmise\r\n"
                       for n in range(size))  # fmt: skip
        page = await send(here, (header + rows).encode())
        await choose(here, page)
        run = (await here.post(f"{page}/importer")).headers["location"]
        for path in (run, f"{run}/doublons", f"{run}/annuler", HOME):
            with counting() as asked:
                assert (await here.get(path)).status_code == 200
            seen.setdefault(path.replace(run, "run"), []).append(len(asked))
    assert all(one == thirty for one, thirty in seen.values()), seen
