"""A worker acts for a resident in a browser, and the resident stops it while a form is open."""

from __future__ import annotations

from collections.abc import Callable

from tests.journeys.conftest import Site
from tests.journeys.visitor import Visitor

PORTAL = "/strasbourg/fr"
WORDS = "Madame Diallo préfère un rendez-vous le jeudi."


def test_from_agir_pour_to_its_end(site: Site, visitor: Callable[..., Visitor]) -> None:
    worker = visitor()
    worker.sign_in(site.professional("social_worker"))
    worker.go("/admin/strasbourg/agir")
    worker.press("Agir pour Awa Diallo")
    assert worker.path == f"{PORTAL}/"
    banner = worker.text("aside.banner")
    assert banner.startswith("Nadia Ferrand agit pour Awa Diallo. Autorisation valable jusqu’au")
    worker.go(f"{PORTAL}/messages/ecrire")
    assert worker.text("aside.banner") == banner
    worker.fill(text=WORDS)
    worker.press("Envoyer")
    assert WORDS in worker.text()

    # Begun, and the person ends the help from their own telephone meanwhile.
    worker.go(f"{PORTAL}/messages/ecrire")
    worker.fill(text="Un deuxième message, long à écrire.")
    awa = visitor(width=360, height=740)
    awa.sign_in(site.resident("Awa Diallo"))
    awa.go(f"{PORTAL}/messages")
    assert f"{WORDS} Écrit pour vous par Nadia Ferrand" in awa.text()
    awa.go(f"{PORTAL}/autorisations")
    assert "A écrit un message à l’équipe." in awa.page.content()
    awa.press("Arrêter cette autorisation")

    worker.press("Envoyer")
    assert "Rien n’a été envoyé." in worker.text()
    kept = worker.page.get_by_label("Ce que vous avez écrit")
    assert kept.input_value() == "Un deuxième message, long à écrire."
    assert worker.page.locator("aside.banner").count() == 0
    worker.follow("Revenir à mon bureau")
    assert worker.path == "/admin/strasbourg/agir"
    assert "Agir pour Awa Diallo" not in worker.text()
    awa.go(f"{PORTAL}/messages")
    assert "Un deuxième message" not in awa.text()
