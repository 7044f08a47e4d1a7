"""What each act of both faces sends, over one team's objects: every POST route has its form here.

A form is complete, so that for somebody who may it acts: only then does the same form, refused to
somebody else, say anything. `before` brings the objects to where the act is possible.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from core.kernel.unit import Unit
from core.territories.settings import TUNABLES
from tests.access_world import Files
from tests.write_world import (
    MONTH_AGO,
    SOON,
    TODAY,
    TOMORROW,
    accepted,
    admitted,
    alone,
    answered,
    changed,
    closed,
    given_back,
    gone,
    in_review,
    looked_back,
    nothing_runs,
    on_desk,
    posted,
    proposed,
    refused,
    replaying,
    reported,
    reread,
    seeing,
    settled,
    stalled,
    to_refresh,
    undrafted,
    untold,
    waiting,
)

Before = Callable[[Unit, Files], Awaitable[Any]]


@dataclass(frozen=True)
class Act:
    """One form: its values (over the files it is sent about), what comes before, its words in the
    address. `reads`: why even somebody who may writes nothing by it."""

    form: Callable[[Files], Mapping[str, Any]] = lambda f: {}
    before: Before | None = None
    address: Mapping[str, str] = field(default_factory=dict)
    reads: str = ""


# -- forms -------------------------------------------------------------------------------------


def _settings(f: Files) -> dict[str, Any]:
    values = {name: one.default for name, one in TUNABLES.items()}
    return {**values, "proposal_answer_days": 9, "starts_on": TODAY, "why": "Essai"}


_CARD = {"label": "A 12", "typology": "t2", "min_persons": 1, "max_persons": 4}
_LEAVE = {"kind": "departure", "on": TODAY}
_CHILD = {"kind": "child_arrives", "on": TODAY, "birth": TODAY, "given_name": "Zoé"}
_NO = {"reason_code": "prefers_not_to_say", "confirmed": "yes"}

ADMIN: Mapping[str, Act] = {
    "/orientations/{ref}/essai": Act(lambda f: {"channel": "phone", "words": "Sans suite"}),
    "/orientations/{ref}/delai": Act(lambda f: {"answer_by": TODAY + timedelta(days=30)}),
    "/orientations/{ref}/visite": Act(lambda f: {"wish": "Le matin"}, proposed),
    "/orientations/{ref}/visite/date": Act(
        lambda f: {"visit_on": SOON, "visit_time": "14:30"}, seeing
    ),
    "/orientations/{ref}/visite/fin": Act(lambda f: {"outcome": "cancelled"}, seeing),
    "/orientations/{ref}/question": Act(lambda f: {"text": "Quel bus ?"}, proposed),
    "/orientations/{ref}/alerte": Act(before=stalled),
    "/orientations/{ref}/avis": Act(lambda f: {"opinion": "admissible", "words": "Oui"}, refused),
    "/orientations/{ref}/changement": Act(lambda f: {"decision": "confirmer"}, changed),
    "/orientations/{ref}/entrer": Act(lambda f: {"on": TODAY}, admitted),
    "/orientations/{ref}/{slug}": Act(address={"slug": "admettre"}),
    "/orientations/{ref}/{slug} household": Act(
        lambda f: {"reason_code": "prefers_not_to_say", "words": "Au guichet", "confirmed": "oui"},
        address={"slug": "decliner"},
    ),
    "/orientations/{ref}/{slug} siao": Act(
        lambda f: {"reason_code": "place_lost", "words": "Essai", "confirmed": "oui"},
        address={"slug": "annuler"},
    ),
    "/structures/{ref}/modifier": Act(lambda f: {"name": "Autre nom"}),
    "/structures/{ref}/type": Act(
        lambda f: {"kind": "chu", "on": SOON, "why": "Convention", "confirmed": "oui"}
    ),
    "/structures/{ref}/places": Act(lambda f: _CARD),
    "/structures/{ref}/places/{place}": Act(lambda f: _CARD),
    "/structures/{ref}/places/{place}/fermer": Act(lambda f: {"on": SOON}, given_back),
    "/structures/organisations": Act(lambda f: {"name": "Nouvelle", "kind": "Association"}),
    "/structures/organisations/coordonnees": Act(
        lambda f: {"organisation": f.prescribers, "phone": "03 88 00 00 00"}
    ),
    "/structures/nouvelle": Act(
        lambda f: {
            "name": "Nouvelle",
            "organisation": f.structure,
            "kind": "chrs",
            "opened_on": TODAY,
        },
    ),
    "/messages/{ref}": Act(lambda f: {"answer": "Bien reçu."}),
    "/messages/{ref}/brouillon": Act(lambda f: {"answer": "Bien"}),
    "/listes/{kind}/{ref}/actes/{slug}": Act(
        lambda f: {"reason": "Essai"}, waiting, {"slug": "pause"}
    ),
    "/listes/{kind}/{ref}/essais": Act(
        lambda f: {"channel": "phone", "outcome": "no_answer"}, to_refresh
    ),
    "/listes/{kind}/{ref}/annonce": Act(before=to_refresh),
    "/listes/{kind}/{ref}/referent": Act(before=to_refresh),
    "/listes/{kind}/{ref}/anciennete": Act(
        lambda f: {"after": date(2026, 1, 5), "why": "correction", "seniority_reason": "Essai"},
        waiting,
    ),
    "/mon-compte/mot-de-passe": Act(reads="its own test: tests/test_safety.py"),
    "/demandes/{ref}": Act(
        lambda f: {
            "version": f.ids["version"],
            "summary": "Autre",
            "organisation_id": f.prescribers,
        },
    ),
    "/demandes/{ref}/decision": Act(
        lambda f: {"outcome": "validate_and_list", "then": "confirmer"}, in_review
    ),
    "/demandes/{ref}/actes/{slug}": Act(
        lambda f: {"reason": "Essai", "stated": "yes"}, waiting, {"slug": "suspendre"}
    ),
    "/demandes/{ref}/actes/{slug} prescriber": Act(
        lambda f: {"reason": "Essai", "stated": "yes"}, waiting, {"slug": "annuler"}
    ),
    "/demandes/{ref}/brouillon": Act(lambda f: {"summary": "Commencé"}),
    "/demandes/{ref}/lignes": Act(
        lambda f: {"summary": "Commencé", "rows": "add:resource_lines:1"}
    ),
    "/demandes/{ref}/brouillon/jeter": Act(reads="a draft of one's own, none begun"),
    "/demandes/brouillon": Act(lambda f: {"family_name": "Brouillon"}),
    "/demandes/brouillon/jeter": Act(reads="a draft of one's own, none begun"),
    "/demandes/nouvelle": Act(lambda f: {"family_name": "Tout", "given_name": "Neuf"}),
    "/demandes/pour": Act(lambda f: {"household": f.refs["menages"]}, closed),
    "/reglages": Act(_settings),
    "/reglages/extensions/{plugin}/regler": Act(reads="no plugin: tests/plugins"),
    "/reglages/extensions/{plugin}/activer": Act(reads="no plugin: tests/plugins"),
    "/reglages/extensions/{plugin}/desactiver": Act(reads="no plugin: tests/plugins"),
    "/reglages/travaux/{job}/lancer": Act(address={"job": "core.refreshes"}),
    "/reglages/travaux/evenements/{delivery}": Act(
        lambda f: {"what": "skip", "reason": "Essai"}, reads="none is stuck: tests/plugins"
    ),
    "/reglages/secteurs": Act(lambda f: {"code": "neuf", "name": "Neuf"}),
    "/reglages/secteurs/fin": Act(lambda f: {"sector": f.ids["sector"]}),
    "/reglages/communes": Act(
        lambda f: {"area": "Neuville", "postcode": "67000", "sectors": f.ids["sector"]}
    ),
    "/reglages/regles/{kind}/brouillon/ouvrir": Act(before=undrafted),
    "/reglages/regles/{kind}/brouillon": Act(
        lambda f: {
            "place_size": 1,
            "dated": "waited",
            "text": "Autrement",
            "why": "Essai",
            "version": 2,
            "then": "stay",
        }
    ),
    "/reglages/regles/{kind}/brouillon/abandonner": Act(),
    "/reglages/regles/{kind}/signer": Act(lambda f: {"starts_on": SOON, "version": 2}),
    "/reglages/regles/{kind}/simulations": Act(
        lambda f: {"rule": "brouillon", "starts_on": MONTH_AGO, "ends_on": TOMORROW}
    ),
    "/reglages/regles/{kind}/simulations/{ref}/arreter": Act(before=replaying),
    "/reglages/types/{code}": Act(
        lambda f: {"label": "CHRS autrement", "starts_on": SOON}, address={"code": "chrs"}
    ),
    "/reglages/procedures/{code}": Act(
        lambda f: {
            "plain": "Le lieu répond.",
            "decides": "structure",
            "why": "Essai",
            "starts_on": SOON,
            "household_days": 7,
            "structure_days": 9,
            "preadmission_days": 20,
            "stall_days": 4,
            "grace_days": 5,
        },
        address={"code": "chrs"},
    ),
    "/reglages/procedures/{code}/relecture": Act(
        lambda f: {"decision": "ecarter"}, reread, {"code": "chrs"}
    ),
    "/reglages/motifs/{author}/{code}": Act(
        lambda f: {
            "label": "Trop petit",
            "plain": "Trop petit",
            "starts_on": SOON,
            "admissible": "yes",
            "keeps_seniority": "yes",
        },
        address={"author": "structure", "code": "unsuitable_size"},
    ),
    "/menages": Act(lambda f: {"q": "Awa"}, reads="keeps one's own words, for hours"),
    "/recherche": Act(lambda f: {"q": "Awa"}, reads="keeps one's own words, for hours"),
    "/menages/{ref}/evenement": Act(lambda f: _CHILD, reads="shows the effects, writes nothing"),
    "/menages/{ref}/evenement/confirmer": Act(lambda f: _CHILD),
    "/menages/{ref}/carte/{person}": Act(),
    "/menages/{ref}/reponses": Act(lambda f: {"q_animals": "yes"}),
    "/menages/{ref}/modifier": Act(lambda f: {"version": 1, "phone": "0102030405"}),
    "/menages/{ref}/personnes/{person}": Act(
        lambda f: {"version": 1, "family_name": "Autre", "given_name": "Awa"}
    ),
    "/menages/{ref}/personnes/{person}/situation": Act(lambda f: {"code": 29, "starts_on": TODAY}),
    "/menages/{ref}/personnes/{person}/droits": Act(lambda f: {"reason": "Demande écrite"}),
    "/menages/{ref}/personnes/{person}/droits/effacer": Act(
        lambda f: {"basis": "asked", "reason": "Demande écrite", "confirmed": "yes"}, nothing_runs
    ),
    "/menages/{ref}/notes": Act(lambda f: {"note_text": "Vue", "note_class": "health"}),
    "/menages/{ref}/questions": Act(
        lambda f: {"question_text": "Et ?", "question_to": f.ids["helper"]}
    ),
    "/menages/{ref}/questions/reponse": Act(
        lambda f: {
            "reply_question": f.ids["question"],
            f"reply_{f.ids['question']}": "Oui",
        },
    ),
    "/menages/{ref}/referent": Act(
        lambda f: {"worker_role": "prescriber", "worker_account": f.ids["helper"]}
    ),
    "/menages/{ref}/115": Act(lambda f: {"shelter_need": "Une nuit"}, settled),
    "/menages/{ref}/115/suite": Act(
        lambda f: {"settle_id": f.ids["handover"], "settle_outcome": "sheltered"}
    ),
    "/menages/{ref}/autorisations": Act(
        lambda f: {
            "mandate_person": f.refs["personnes"],
            "mandate_account": f.ids["worker"],
            "mandate_ends_on": SOON,
            "mandate_scope": "read",
            "mandate_given_how": "Par écrit",
        },
    ),
    "/menages/{ref}/autorisations/fin": Act(lambda f: {"mandate_id": f.ids["mandate"]}),
    "/menages/{ref}/proches": Act(
        lambda f: {
            "circle_person": f.refs["personnes"],
            "circle_name": "Une sœur",
            "circle_tie": "family",
            "circle_scope": "card",
            "circle_phone": "0601020304",
            "circle_ends_on": SOON,
            "circle_given_how": "À l’oral",
        },
    ),
    "/menages/{ref}/proches/fin": Act(lambda f: {"circle_ref": f.refs["proches"]}),
    "/sejours/urgence": Act(
        lambda f: {
            "place": f.refs["unit"],
            "household": f.refs["menages"],
            "number": f.refs["menages"],
            "birth_year": 1985,
            "on": TODAY,
            "told_on": TODAY,
            "why": "Sans abri ce soir",
        },
        waiting,
    ),
    "/sejours/urgence/{ref}": Act(lambda f: {"household": f.refs["menages"]}, waiting),
    "/sejours/{ref}/sortie": Act(lambda f: {"on": TODAY, "exit_code": 101}),
    "/sejours/{ref}/reprendre": Act(lambda f: {"reason": "Erreur"}, gone),
    "/equipe/inviter": Act(
        lambda f: {
            "name": "Neuve",
            "email": "neuve@exemple.test",
            "role": "prescriber",
            "organisation": f.prescribers,
        },
    ),
    "/equipe/mot-de-passe": Act(lambda f: {"account": f.ids["worker"]}),
    "/equipe/roles": Act(lambda f: {"account": f.ids["worker"], "role": "observer"}),
    "/equipe/roles/fin": Act(lambda f: {"grant": f.ids["grant"]}),
    "/equipe": Act(lambda f: {"role": "structure"}, reads="goes to the colleagues it names"),
    "/equipe/fermer": Act(lambda f: {"account": f.ids["worker"]}),
    "/equipe/portefeuilles": Act(lambda f: {"worker": f.ids["worker"], "public": "families"}),
    "/equipe/portefeuilles end": Act(lambda f: {"end": f.ids["portfolio"]}),
    "/equipe/portefeuilles/confier": Act(lambda f: {"worker": f.ids["worker"], **_LEAVE}),
    "/equipe/portefeuilles/confier/valider": Act(lambda f: {"worker": f.ids["worker"], **_LEAVE}),
    "/connexion": Act(reads="public: tests/test_doors.py"),
    "/agir": Act(
        lambda f: {"mandate": f.ids["mandate"]},
        reads="opens a session to who holds it: tests/test_acting_for.py",
    ),
    "/courriers/actes/{slug}": Act(
        lambda f: {"letters": f.refs["courriers"]}, address={"slug": "imprimer"}
    ),
    "/courriers/actes/{slug} post": Act(
        lambda f: {"letters": f.refs["courriers"], "on": TODAY}, address={"slug": "poster"}
    ),
    "/courriers/actes/{slug} hand": Act(
        lambda f: {"letters": f.refs["courriers"], "on": TODAY}, address={"slug": "remettre"}
    ),
    "/courriers/actes/{slug} undo": Act(
        lambda f: {"letters": f.refs["courriers"]}, posted, {"slug": "annuler"}
    ),
    "/courriers/{ref}/retour": Act(lambda f: {"why": "npai"}, posted),
    "/menages/{ref}/envois": Act(before=on_desk),
    "/menages/{ref}/personnes/{person}/joindre": Act(lambda f: {"first": "sms"}),
    "/menages/{ref}/carte/{person}/pdf": Act(reads="it prints the code that was just shown"),
    "/envois/{ref}/essai": Act(before=untold),
    "/envois/{ref}/dit": Act(before=untold),
    "/envois/{ref}/stop": Act(before=untold),
    "/quitter": Act(reads="public: tests/test_safety.py"),
    "/demandes/{ref}/pourquoi": Act(reads="tries other facts, writes nothing: admin/tests"),
    "/places/{ref}/proposer": Act(
        lambda f: {
            "demande": f.refs["demandes"],
            "answer_by": SOON,
            "why_all": "size",
        },
        waiting,
    ),
    "/places/declarer": Act(lambda f: {"place": f.refs["unit"], "free_on": SOON}, given_back),
    "/places/fichier": Act(reads="tries a file, writes nothing: admin/tests"),
    "/places/fichier/declarer": Act(
        lambda f: {
            "lines": f'[{{"number": 2, "reference": "{f.refs["unit"]}", "free_on": "{SOON}"}}]'
        },
        given_back,
    ),
    "/places/{ref}/note": Act(lambda f: {"note": "Repeinte"}),
    "/places/{ref}/reserver": Act(
        lambda f: {"household": f.refs["menages"], "held_until": SOON}, waiting
    ),
    "/places/{ref}/{slug}": Act(
        lambda f: {"reason": "Travaux", "frozen_until": SOON}, waiting, {"slug": "geler"}
    ),
    "/chiffres/relectures": Act(lambda f: {"ends_on": TODAY}, looked_back),
    "/mes-chiffres/{ref}": Act(lambda f: {"version": 1, "comment": "Des travaux"}),
    "/a-reporter": Act(lambda f: {"done": f.ids["report"]}),
    "/a-reporter/reprendre": Act(lambda f: {"done": f.ids["report"]}, reported),
    "/equipe/portefeuilles/repartir": Act(lambda f: {"how": "load", "refs": f.refs["menages"]}),
    "/equipe/portefeuilles/repartir/valider": Act(
        reads="nobody waits: admin/tests/test_sharing.py"
    ),
    "/equipe/portefeuilles/repartir/{ref}/annuler": Act(),
    "/demandes/{ref}/entree": Act(reads="admin/tests/test_elsewhere.py"),
    "/imports/noms": Act(reads="admin/tests/test_import_names.py"),
    "/imports/nouveau": Act(reads="a file, kept on disk: admin/tests/test_imports.py"),
    "/imports/nouveau/{token}/colonnes": Act(reads="no such upload"),
    "/imports/nouveau/{token}/importer": Act(reads="no such upload"),
    "/imports/{ref}/reprendre": Act(reads="launches a job, which asks again"),
    "/imports/{ref}/annuler": Act(reads="launches a job, which asks again"),
    "/imports/{ref}/doublons": Act(lambda f: {"flag": f.ids["flag"], "decision": "different"}),
}

PORTAL: Mapping[str, Act] = {
    "/attente/autres": Act(reads="needs a place that went to others: portal/tests/test_others.py"),
    "/attente/autres/lire": Act(lambda f: {"wanted": "no"}),
    "/messages": Act(before=answered),
    "/messages/ecrire": Act(lambda f: {"text": "Bonjour"}),
    "/entrer": Act(reads="public: tests/test_doors.py"),
    "/revenir": Act(),
    "/quitter": Act(reads="public: tests/test_safety.py"),
    "/proposition/{ref}/oui": Act(before=proposed),
    "/proposition/{ref}/non": Act(lambda f: _NO),
    "/proposition/{ref}/visite": Act(lambda f: {"wish": "Le matin"}, proposed),
    "/proposition/{ref}/visite/annuler": Act(before=seeing),
    "/proposition/{ref}/question": Act(lambda f: {"text": "Quel bus ?"}, proposed),
    "/proposition/{ref}/revenir": Act(before=accepted),
    "/informations": Act(lambda f: {"text": "Mon nom s’écrit autrement"}),
    "/informations/joindre": Act(lambda f: {"first": "sms"}),
    "/informations/messages": Act(lambda f: {"told": "no"}),
    "/autorisations": Act(lambda f: {"mandate": f.ids["mandate"]}),
    "/autorisations/proches": Act(
        lambda f: {
            "name": "Une sœur",
            "tie": "family",
            "scope": "card",
            "phone": "0601020304",
            "time": "30",
        }
    ),
    "/autorisations/proches/fin": Act(lambda f: {"close": f.refs["proches"]}),
    "/autorisations/donner": Act(
        lambda f: {"helper": f.ids["worker"], "scope": "read", "time": "30"}, alone
    ),
}
