"""See the place first, ask, and then say yes: as resident on a narrow phone without scripts, as
social worker, and as the structure, who reads what was shown before it was sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from tests.journeys.conftest import Site
from tests.journeys.visitor import Visitor

HOME = "/admin/strasbourg"


def test_a_visit_and_a_question_before_the_yes(site: Site, visitor: Callable[..., Visitor]) -> None:
    me = visitor(width=360, height=740, scripts=False)
    me.sign_in(site.resident("Awa Diallo"))
    offer = me.page.locator('main a[href*="/proposition/"]').first.get_attribute("href") or ""
    me.go(offer)
    proposal = me.path
    assert "Comment cela se passe" in me.text() and "Qui décide" in me.text()
    me.follow("Visiter d’abord")
    assert "Votre délai est arrêté jusqu’à la visite." in me.text()
    me.fill(wish="Le matin, sauf mardi")
    me.press("Demander une visite")
    assert "L’équipe cherche une date." in me.text()
    me.follow("Poser une question")
    me.press("Envoyer")
    assert "Écrivez votre message." in me.text()
    me.fill(text="Quel bus pour venir ?")
    me.press("Envoyer")
    assert "Votre délai est arrêté. Il reprendra après." in me.text()

    worker = visitor(width=1280)
    worker.sign_in(site.professional("coordinator"))
    worker.go(f"{HOME}/a-faire/visites")
    seen = worker.page.locator('main a[href*="/orientations/"]').first.get_attribute("href") or ""
    worker.go(seen)
    referral = worker.path
    assert "délai arrêté" in worker.text() and "Le matin, sauf mardi" in worker.text()
    worker.fill(visit_on=(date.today() + timedelta(days=2)).isoformat(), visit_time="14:30")
    worker.press("Fixer la visite")
    assert worker.said() == "Visite fixée ; le ménage est prévenu."
    worker.follow(re.compile("^Question du"))
    worker.fill(answer="Le 12, arrêt Canal.")
    worker.press("Envoyer la réponse")

    me.go(proposal)
    assert "La visite est fixée." in me.text() and "Le 12, arrêt Canal." in me.text()
    me.press("Annuler la visite")
    me.follow("Je veux dire oui")
    me.press("Oui, je veux ce lieu")
    assert "Vous avez dit oui." in me.text()

    worker.go(referral)
    worker.follow("Envoyer à la structure")
    assert "Ce que la structure verra" in worker.text()
    assert "Diallo Awa" in worker.text() and "Ne part jamais" in worker.text()
    worker.press("Confirmer")
    assert "Envoyée à la structure" in worker.text()
    worker.follow("Lire la procédure", worker.page.locator("aside"))
    assert "Refus admis de la structure" in worker.text()
