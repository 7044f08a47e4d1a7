"""Pages that only a form leads to: mistakes, previews, confirmations, letters, two at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from tests.journeys.atlas import explore
from tests.journeys.conftest import Site
from tests.journeys.visitor import Visitor
from tests.journeys.watch import Watch, faults_of

HOME, PORTAL = "/admin/strasbourg", "/strasbourg/fr"
EMPTY = {
    "demandes/nouvelle": "Commencer la demande",
    "structures/nouvelle": "Ouvrir la structure",
    "places/declarer": "Déclarer libre",
    "imports/nouveau": "Envoyer",
}
"""Forms that are sent with nothing in them, by their button."""


class Reader:
    """Looks at each page it is shown, and keeps what is wrong by a name."""

    def __init__(self) -> None:
        self.watch = Watch()
        self.faults: dict[str, list[str]] = {}
        self.read: list[str] = []

    def look(self, someone: Visitor, name: str) -> None:
        self.read.append(name)
        found = faults_of(someone.page.content()) + self.watch.as_it_stands(someone)
        if found:
            self.faults[name] = found


@pytest.fixture
def reader() -> Iterator[Reader]:
    yield Reader()


def send(someone: Visitor, label: str | None) -> None:
    button = someone.page.locator("main form button[type=submit]").first
    if label is not None:
        button = someone.page.locator("main").get_by_role("button", name=label, exact=True).first
    with someone.page.expect_navigation():
        button.click()


def test_the_back_office_behind_its_forms(
    site: Site, visitor: Callable[..., Visitor], reader: Reader
) -> None:
    worker = visitor()
    worker.sign_in(site.professional("coordinator"))
    for path, label in EMPTY.items():
        worker.page.goto(f"{site.url}{HOME}/{path}")
        send(worker, label)
        assert worker.page.locator("#error-summary").is_visible(), path
        reader.look(worker, f"{path} empty")

    worker.go(f"{HOME}/demandes/nouvelle")
    worker.fill(family_name="Zwartebroek", given_name="Ilse", phone="06 39 98 77 41")
    worker.fill(birth_day="3", birth_month="4", birth_year="1990")
    worker.press("Commencer la demande")
    worker.follow("Dossier du ménage")
    household = worker.path

    # A second person of that name: shown before a second file is made.
    worker.go(f"{HOME}/demandes/nouvelle")
    worker.fill(family_name="Zwartebroek", given_name="Ilse", phone="06 39 98 77 41")
    worker.press("Commencer la demande")
    assert "ressemble" in worker.text()
    reader.look(worker, "somebody alike")

    worker.go(f"{household}/evenement?type=child_arrives")
    send(worker, "Voir les effets")
    assert worker.page.locator("#error-summary").is_visible()
    reader.look(worker, "life event refused")
    for part, value in {"day": "2", "month": "11", "year": "2026"}.items():
        field = worker.page.locator(f'main [name="birth_{part}"]')
        if field.count():
            field.fill(value)
    if worker.page.locator('main [name="birth"]').count():
        worker.fill(birth="2026-11-02")
    if worker.page.locator('main [name="given_name"]').count():
        worker.fill(given_name="Nora")
    worker.press("Voir les effets")
    assert worker.page.get_by_role("button", name="Confirmer", exact=True).is_visible()
    reader.look(worker, "life event preview")

    worker.go(household)
    worker.follow(re.compile("^Carte "))
    worker.press("Faire la carte")
    assert worker.page.locator(".letter .qr svg").is_visible()
    reader.look(worker, "card's letter")
    sheets = re.findall(rb"/Type\s*/Page\b", worker.page.pdf(format="A4"))
    assert len(sheets) == 1, "the letter is one page"

    # Two at once on one person's page: field by field, nothing lost.
    worker.go(household)
    worker.follow(re.compile("^Fiche"))
    slow = worker.context.new_page()
    slow.goto(worker.page.url)
    worker.fill(phone="06 39 98 77 42")
    worker.press("Enregistrer la fiche")
    slow.locator('main [name="phone"]').fill("06 39 98 77 43")
    with slow.expect_navigation():
        slow.get_by_role("button", name="Enregistrer la fiche").click()
    worker.page, first = slow, worker.page
    assert "06 39 98 77 42" in worker.text()
    reader.look(worker, "two at once")
    worker.page = first

    pages = explore(worker, f"{site.url}{HOME}/demandes", f"{HOME}/demandes")
    deciding = next(found for pattern, found in pages.items() if pattern.endswith("/decision"))
    worker.page.goto(deciding.url)
    send(worker, "Voir avant de confirmer")
    reader.look(worker, "decision without an outcome")
    assert not reader.faults, reader.faults
    assert len(reader.read) == len(EMPTY) + 6


def test_what_is_refused_or_absent(
    site: Site, visitor: Callable[..., Visitor], reader: Reader
) -> None:
    someone = visitor()
    someone.sign_in(site.professional("observer"))
    for path, status in (("/nope", 404), ("/equipe/inviter", 403)):
        answer = someone.page.goto(f"{site.url}{HOME}{path}")
        assert answer is not None and answer.status == status
        someone.problems.clear()
        reader.look(someone, path)
    assert not reader.faults, reader.faults


def test_the_portal_behind_its_forms(
    site: Site, visitor: Callable[..., Visitor], reader: Reader
) -> None:
    me = visitor()
    me.sign_in(site.resident("Awa Diallo"))
    for path, label in (
        ("/messages/ecrire", "Envoyer"),
        ("/informations", "Demander une correction"),
    ):
        me.page.goto(f"{site.url}{PORTAL}{path}")
        send(me, label)
        assert me.page.locator("#error-summary").is_visible(), path
        reader.look(me, f"{path} empty")
    me.go(f"{PORTAL}/")
    me.follow(re.compile("^Lire la proposition"))
    proposal = me.path
    me.go(f"{proposal}/non")
    send(me, "Continuer")
    assert me.page.locator("#error-summary").is_visible()
    reader.look(me, "no without a reason")
    me.page.get_by_label("J’ai une autre raison.").check()
    me.page.locator("main textarea").fill("Trop loin de ma mère.")
    me.press("Continuer")
    assert me.text("h1") == "Voici ce qui va se passer"
    reader.look(me, "no, before it leaves")
    # What can no longer be done here is said, and the proposal shown as it stands.
    me.go(f"{proposal}/oui")
    me.page.locator("main form").evaluate("f => { f.action = f.action.replace(/oui$/, 'revenir') }")
    send(me, None)
    assert me.page.locator("#error-summary").is_visible()
    reader.look(me, "too late to take back")
    me.page.goto(f"{site.url}{PORTAL}/nope")
    me.problems.clear()
    reader.look(me, "absent")
    me.go(f"{PORTAL}/")
    with me.page.expect_navigation():
        me.page.get_by_role("button", name="Fermer mon espace").click()
    assert me.path.endswith("/au-revoir")
    reader.look(me, "goodbye")
    assert not reader.faults, reader.faults
