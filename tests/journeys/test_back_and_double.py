"""What people really do: click twice, go back, work two on one file, mistype, come back too late."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.journeys.conftest import Site
from tests.journeys.visitor import Visitor

HOME = "/admin/strasbourg"


def worker_at(site: Site, visitor: Callable[..., Visitor], n: int = 0, **screen: int) -> Visitor:
    worker = visitor(**screen)
    worker.sign_in(site.professional("social_worker", n=n))
    return worker


def begin(worker: Visitor, family: str, given: str) -> str:
    """A demande with its first fields; its path."""
    worker.go(f"{HOME}/demandes/nouvelle")
    worker.fill(family_name=family, given_name=given, phone="06 39 98 77 13")
    worker.press("Commencer la demande")
    return worker.path


def files_named(worker: Visitor, family: str) -> int:
    worker.go(f"{HOME}/menages")
    worker.page.locator("#f-q").fill(family)
    worker.press("Filtrer")
    return worker.page.locator("table[data-rows] tbody tr").filter(has_text=family).count()


def test_a_double_click_begins_one_demande(site: Site, visitor: Callable[..., Visitor]) -> None:
    worker = worker_at(site, visitor)
    worker.go(f"{HOME}/demandes/nouvelle")
    worker.fill(family_name="Wojtyszewski", given_name="Ludmila", phone="06 39 98 77 14")
    with worker.page.expect_navigation():
        worker.page.get_by_role("button", name="Commencer la demande").dblclick()
    worker.page.wait_for_url(re.compile(r"/demandes/[0-9A-Z]{10}$"))
    assert files_named(worker, "Wojtyszewski") == 1


def test_back_and_again_begins_one_demande(site: Site, visitor: Callable[..., Visitor]) -> None:
    worker = worker_at(site, visitor)
    worker.go(f"{HOME}/demandes/nouvelle")
    sent: list[str] = []
    worker.page.on(
        "request", lambda r: sent.append(r.post_data or "") if r.method == "POST" else None
    )
    worker.fill(family_name="Brzezicki", given_name="Onésime", phone="06 39 98 77 15")
    worker.press("Commencer la demande")
    first = worker.path
    # The very form again, as a browser that kept the page would send it.
    form = next(body for body in sent if "family_name=Brzezicki" in body)
    answer = worker.context.request.post(
        f"{site.url}{HOME}/demandes/nouvelle",
        data=form,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.url.removeprefix(site.url) == first
    with worker.page.expect_navigation():
        worker.page.go_back()
    assert worker.page.get_by_role("heading", level=1).inner_text() == "Nouvelle demande"
    # A page read anew makes a new form: somebody of this name is then shown before a second file.
    worker.fill(family_name="Brzezicki", given_name="Onésime", phone="06 39 98 77 15")
    worker.press("Commencer la demande")
    assert "Une personne ressemble à celle-ci" in worker.text()
    assert files_named(worker, "Brzezicki") == 1


def test_two_workers_on_one_demande_lose_nothing(
    site: Site, visitor: Callable[..., Visitor]
) -> None:
    one, two = worker_at(site, visitor, 0), worker_at(site, visitor, 1)
    request = begin(one, "Hrdlickova", "Aurélie")
    one.go(request)
    two.go(request)
    one.fill(summary="Vit chez sa sœur jusqu’à la fin du mois.")
    one.page.locator('[name="external_no"]').fill("67-4411")
    one.press("Enregistrer")
    two.fill(summary="Dort chez une amie.", preferences="Près de l’école.")
    two.press("Enregistrer")
    assert "Une autre personne a enregistré entre-temps" in two.text()
    compared = two.text("section[aria-labelledby=compared-title]")
    assert "Nadia Ferrand" in compared
    assert "Vit chez sa sœur jusqu’à la fin du mois." in compared
    assert "Dort chez une amie." in compared
    field = two.page.locator
    assert field('[name="summary"]').input_value() == "Dort chez une amie."
    assert field('[name="preferences"]').input_value() == "Près de l’école."
    assert field('[name="external_no"]').input_value() == "67-4411"
    two.press("Enregistrer")
    assert two.said() == "Demande enregistrée."
    one.go(request)
    assert one.page.locator('[name="summary"]').input_value() == "Dort chez une amie."
    assert one.page.locator('[name="external_no"]').input_value() == "67-4411"


def test_a_mistake_keeps_what_was_typed(site: Site, visitor: Callable[..., Visitor]) -> None:
    worker = worker_at(site, visitor)
    worker.go(f"{HOME}/demandes/nouvelle")
    worker.fill(family_name="", given_name="Séraphine", birth_day="31", birth_month="2")
    worker.fill(birth_year="1990", email="seraphine@exemple.test")
    worker.choose("situation", "Hébergé par la famille")
    worker.press("Commencer la demande")
    assert worker.page.evaluate("document.activeElement.id") == "error-summary"
    worker.page.locator("#error-summary a").first.click()
    assert worker.page.evaluate("document.activeElement.name") == "family_name"
    kept = {
        name: worker.page.locator(f'main [name="{name}"]').input_value()
        for name in ("given_name", "birth_day", "birth_month", "birth_year", "email")
    }
    assert kept == {
        "given_name": "Séraphine",
        "birth_day": "31",
        "birth_month": "2",
        "birth_year": "1990",
        "email": "seraphine@exemple.test",
    }
    chosen = worker.page.locator('[name="situation"] option:checked').inner_text()
    assert chosen == "Hébergé par la famille"


def test_a_session_that_ended_leads_back(site: Site, visitor: Callable[..., Visitor]) -> None:
    worker = worker_at(site, visitor)
    request = begin(worker, "Kwiatkowski", "Aimé")
    worker.go(request)
    worker.fill(summary="Une phrase tapée trop tard.")
    worker.context.clear_cookies(name="seuil-admin")
    worker.press("Enregistrer")
    assert worker.text("h1") == "Votre espace s’est fermé"
    kept = [t.input_value() for t in worker.page.locator("main textarea[readonly]").all()]
    assert "Une phrase tapée trop tard." in kept
    worker.follow("Entrer de nouveau")
    for name, value in site.professional("social_worker")["fields"].items():
        worker.page.locator(f'main [name="{name}"]').fill(value)
    worker.press("Se connecter")
    assert worker.path == request


def test_a_draft_outlives_the_session(site: Site, visitor: Callable[..., Visitor]) -> None:
    worker = worker_at(site, visitor)
    worker.go(f"{HOME}/demandes/nouvelle")
    with worker.page.expect_response(re.compile("/demandes/brouillon$")):
        worker.page.locator('[name="family_name"]').press_sequentially("Zawadzka")
    worker.page.get_by_text("Brouillon enregistré").wait_for()
    worker.context.clear_cookies(name="seuil-admin")
    worker.sign_in(site.professional("social_worker"))
    worker.go(f"{HOME}/demandes/nouvelle")
    worker.follow(re.compile("Zawadzka"))
    assert worker.page.locator('[name="family_name"]').input_value() == "Zawadzka"
