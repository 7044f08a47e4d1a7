"""The main journey: a household's first demande to its keys, by those who really do each step."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.journeys.conftest import Site
from tests.journeys.visitor import Visitor

HOME = "/admin/strasbourg"
MODES = {
    "scripts": ({"width": 1280}, ("Quillfeldt", "Zéphyrin")),
    "no scripts": ({"width": 1280, "scripts": False}, ("Ouvrardet", "Barthélémy")),
    "narrow": ({"width": 360, "height": 740}, ("Tchouvakine", "Hyacinthe")),
}
STEPS = [
    "Votre demande est envoyée.",
    "Une personne lit votre demande.",
    "Vous êtes sur une liste d’attente.",
    "Un lieu vous est proposé.",
    "Vous avez dit oui.",
    "L’équipe du lieu étudie votre demande.",
    "L’équipe du lieu a dit oui.",
    "Vous êtes dans les lieux.",
]
"""What the person reads first on "Ma situation", one step after the other."""
ONCE_DONE = {
    "Une personne lit votre demande.": "Une personne a lu votre demande.",
    "Un lieu vous est proposé.": "Un lieu vous a été proposé.",
    "L’équipe du lieu étudie votre demande.": "L’équipe du lieu a étudié votre demande.",
}
"""How "Mon parcours" says what is over, where it says it otherwise."""
KEY_WORKER = "Nadia Ferrand"
BIRTH = {"day": "7", "month": "5", "year": "1984"}


def ask(worker: Visitor, family: str, given: str, kind: str) -> tuple[str, str]:
    """Five fields, then the rest; transmitted. Returns the demande's and the household's path."""
    worker.go(f"{HOME}/demandes/nouvelle")
    worker.fill(family_name=family, given_name=given, phone="06 39 98 77 12")
    worker.fill(**{f"birth_{part}": value for part, value in BIRTH.items()})
    worker.choose("situation", "Rue ou abri de fortune")
    worker.press("Commencer la demande")
    assert worker.said().startswith("Demande commencée")
    request = worker.path

    worker.follow("Dossier du ménage")
    household = worker.path
    worker.follow(re.compile("^Fiche"))
    worker.choose("sex", "Homme")
    worker.press("Enregistrer la fiche")
    worker.unfold("Nommer un référent")
    worker.choose("worker_account", KEY_WORKER)
    worker.press("Nommer")
    assert KEY_WORKER in worker.text()

    worker.go(request)
    worker.press("Enregistrer et transmettre")
    assert "Il manque" in worker.text("#manque")
    worker.page.locator('main select[name="reason_code"]').select_option(index=1)
    worker.page.locator('main select[name="organisation_id"]').select_option(index=1)
    worker.tick("resources", "yes")
    worker.fill(res_amount_1="635,70", summary="Dort dans sa voiture depuis un mois.")
    worker.choose("kind_1", kind)
    worker.fill(informed_on=date.today().isoformat())
    worker.press("Enregistrer et transmettre")
    assert worker.said() == "Demande transmise."
    return request, household


def card(worker: Visitor, household: str) -> str:
    """The code of a new card, read off the letter."""
    worker.go(household)
    worker.follow(re.compile("^Carte "))
    worker.press("Faire la carte")
    code = worker.text(".letter .code bdi")
    assert re.fullmatch(r"\w{5}-\w{5}-.", code)
    return code


def enter(resident: Visitor, code: str) -> None:
    resident.go("/strasbourg/fr/entrer")
    resident.fill(code=code, **{f"birth_date_{part}": value for part, value in BIRTH.items()})
    resident.tick("device", "own")
    resident.press("Entrer")
    assert resident.path == "/strasbourg/fr/revenir", "a card opens once: how to come back"
    resident.press("Faire dix codes")
    assert resident.page.locator("ol.codes li").count() == 10
    resident.follow("J’ai noté mes codes")
    assert resident.path == "/strasbourg/fr/"


def situation(resident: Visitor) -> str:
    """What the person reads first."""
    resident.go("/strasbourg/fr/")
    return resident.text(".now-card .lead")


def free_place(worker: Visitor, programme: str) -> str:
    """Declare free a place for one person of that structure; the vacancy's path."""
    worker.go(f"{HOME}/structures")
    worker.follow(programme)
    fitting = (
        worker.page.locator("table[data-rows] tbody tr")
        .filter(has=worker.page.get_by_role("link", name=re.compile("déclarer libre")))
        .filter(has=worker.page.locator("td:nth-child(3):text-matches('^1')"))
        .filter(has_not_text="Occupée")
    )
    worker.follow(re.compile("déclarer libre"), fitting.first)
    worker.fill(free_on=date.today().isoformat(), note="Deuxième étage, sans ascenseur.")
    worker.press("Déclarer libre")
    assert worker.path != f"{HOME}/places/declarer", worker.text()
    return worker.path


@pytest.mark.parametrize("mode", MODES, ids=[name.replace(" ", "-") for name in MODES])
def test_a_household_gets_its_keys(site: Site, visitor: Callable[..., Visitor], mode: str) -> None:
    screen, (family, given) = MODES[mode]
    structure = visitor(**screen)
    structure.sign_in(site.professional("structure"))
    structure.go(f"{HOME}/places/declarer")
    programme = structure.page.locator("optgroup").first.get_attribute("label") or ""
    worker = visitor(**screen)
    worker.sign_in(site.professional("social_worker"))
    worker.go(f"{HOME}/structures")
    worker.follow(programme)
    kind = worker.text("main .badge")

    request, household = ask(worker, family, given, kind)
    resident = visitor(**screen)
    enter(resident, card(worker, household))
    read = [situation(resident)]

    worker.go(request)
    worker.follow("Commencer l’instruction", worker.page.locator("aside"))
    worker.press("Commencer l’instruction")
    read.append(situation(resident))

    worker.go(request)
    worker.follow("Décider")
    worker.page.get_by_label("Valider et inscrire en liste d’attente").check()
    worker.press("Voir avant de confirmer")
    assert "Ce que le ménage lira" in worker.text()
    worker.press("Confirmer la décision")
    read.append(situation(resident))

    vacancy = free_place(worker, programme)
    row = worker.page.locator("table[data-rows] tbody tr").filter(has_text=family)
    worker.follow("Proposer", row)
    why = worker.page.locator('main select[name="why_all"]')
    if why.count():
        why.select_option(index=1)
    worker.fill(
        words="Une chambre au calme, près du tram.",
        answer_by=(date.today() + timedelta(days=5)).isoformat(),
    )
    worker.press("Proposer au ménage")
    referral = worker.path
    read.append(situation(resident))

    resident.follow(re.compile("proposition", re.I))
    assert "Une chambre au calme" in resident.text()
    assert "Si vous dites oui" in resident.text() and "Si vous dites non" in resident.text()
    resident.follow("Je veux dire oui")
    resident.press("Oui, je veux ce lieu")
    read.append(situation(resident))

    worker.go(referral)
    worker.follow("Envoyer à la structure")
    worker.press("Confirmer")
    read.append(situation(resident))

    structure.go(f"{HOME}/orientations")
    structure.follow(re.compile(family))
    structure.follow("Prononcer l’admission")
    structure.press("Confirmer")
    read.append(situation(resident))

    worker.go(referral)
    worker.follow("Noter l’entrée dans les lieux")
    worker.fill(on=date.today().isoformat())
    worker.press("Enregistrer l’entrée")
    read.append(situation(resident))

    assert read == STEPS
    resident.follow("Voir tout mon parcours")
    done = resident.page.locator("ol.steps li.done .step-title").all_inner_texts()
    past = [ONCE_DONE.get(step, step) for step in STEPS[:-1]]
    assert [step for step in past if not any(step in line for line in done)] == []
    assert resident.text("ol.steps li.now .step-title") == STEPS[-1]
    worker.go(vacancy)
    assert "Pourvue" in worker.text()

    resident.go("/strasbourg/fr/messages/ecrire")
    resident.fill(text="Merci. Où sont les boîtes aux lettres ?")
    resident.press("Envoyer")
    worker.go(f"{HOME}/messages")
    worker.follow(re.compile(family))
    worker.fill(answer="Dans le hall, à droite.")
    worker.press("Envoyer la réponse")
    resident.go("/strasbourg/fr/messages")
    assert "Dans le hall, à droite." in resident.text()
