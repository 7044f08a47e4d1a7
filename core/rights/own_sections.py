"""The sections of a copy that are the person's alone: who they are, what they told and read."""

from __future__ import annotations

from typing import Any

import msgspec

from core.accounts.circle import SCOPES as CIRCLE_SCOPES
from core.accounts.circle import TIES
from core.accounts.mandates import SCOPES
from core.households.changes import PROTECTIONS
from core.households.people import ANSWER_LABELS
from core.households.questions import CLASS_LABELS, QUESTIONS
from core.kernel.words import LANGUAGES, N_
from core.notifications.rules import CHANNELS
from core.notifications.service import MOODS
from core.rights import own_statements as st
from core.rights.sections import Column, Section, named
from core.territories.codes import code_list

SEXES = {1: N_("Homme"), 2: N_("Femme"), 3: N_("Autre")}
KINDS = {
    "message": N_("Message"),
    "feedback": N_("Avis"),
    "correction": N_("Demande de correction"),
}
SENT = {
    "waiting": N_("À envoyer"),
    "sent": N_("Parti"),
    "failed": N_("Pas parti"),
    "stopped": N_("Arrêté"),
    "told": N_("Dit de vive voix"),
}

STATES = {state.value if state else None: label for state, label in ANSWER_LABELS.items()} | {
    0: N_("Réponse retirée")
}


def _scopes(keys: list[str]) -> list[str]:
    return [named(SCOPES)(key) for key in keys]


def _circle_scopes(keys: list[str]) -> list[str]:
    return [named(CIRCLE_SCOPES)(key) for key in keys]


def _decoded(value: str) -> Any:
    return msgspec.json.decode(value)


def _answered(pair: str) -> Any:
    """[question, value] as it was given: words, a day, the name of a code, euros."""
    key, value = msgspec.json.decode(pair)
    known = QUESTIONS.get(key)
    if known is None or value is None:
        return value
    if known.kind == "money":
        return value / 100
    if known.kind == "codes":
        return named(code_list(known.codes).labels())(value)
    if known.kind == "choices":
        return named(dict(known.choices))(value)
    return value


AUTHOR = Column("author", N_("Noté par"))

OWN = (
    Section(
        N_("Qui vous êtes"),
        st.SELF,
        (
            Column("given_name", N_("Prénom")),
            Column("family_name", N_("Nom")),
            Column("usual_name", N_("Nom d’usage")),
            Column("birth", N_("Date de naissance")),
            Column("sex", N_("Sexe"), named(SEXES)),
            Column("phone", N_("Téléphone")),
            Column("email", N_("E-mail")),
            Column("language", N_("Langue"), named(LANGUAGES)),
            Column("external_no", N_("Numéro dans un autre système")),
            Column("created_at", N_("Noté ici depuis le")),
            Column("died_on", N_("Décès")),
        ),
    ),
    Section(
        N_("Ce que votre fiche disait avant"),
        st.BEFORE,
        (
            Column("replaced_at", N_("Changé le")),
            AUTHOR,
            Column("held", N_("Ce qui était noté"), _decoded),
        ),
    ),
    Section(
        N_("Où vous avez vécu"),
        st.SITUATIONS,
        (
            Column("code", N_("Situation"), named(code_list("residential_situation").labels())),
            Column("starts_on", N_("Depuis le")),
            Column("ends_on", N_("Jusqu’au")),
            Column("source", N_("Source")),
            Column("at", N_("Noté le")),
            AUTHOR,
        ),
    ),
    Section(
        N_("Vos réponses"),
        st.ANSWERS,
        (
            Column("question", N_("Question"), named({k: q.label for k, q in QUESTIONS.items()})),
            Column("state", N_("Réponse"), named(STATES)),
            Column("value", N_("En détail"), _answered),
            Column("class", N_("Sorte d’information"), named(CLASS_LABELS)),
            Column("at", N_("Noté le")),
            AUTHOR,
        ),
        reader="",
    ),
    Section(
        N_("Les notes écrites sur vous"),
        st.NOTES,
        (
            Column("at", N_("Noté le")),
            AUTHOR,
            Column("class", N_("Sorte d’information"), named(CLASS_LABELS)),
            Column("text", N_("Texte")),
        ),
        reader="",
    ),
    Section(
        N_("Les mesures de protection"),
        st.PROTECTIONS,
        (
            Column("kind", N_("Mesure"), named(PROTECTIONS)),
            Column("holder", N_("Tenue par")),
            Column("organisation", N_("Organisme")),
            Column("holder_phone", N_("Téléphone")),
            Column("starts_on", N_("Depuis le")),
            Column("ends_on", N_("Jusqu’au")),
        ),
    ),
    Section(
        N_("Vos ressources"),
        st.RESOURCES,
        (
            Column("kind", N_("Ressource"), named(code_list("resources").labels())),
            Column("amount_cents", N_("Euros par mois"), lambda cents: cents / 100),
            Column("since", N_("Depuis le")),
            Column("until", N_("Jusqu’au")),
            Column("starts_at", N_("Noté le")),
            Column("ends_at", N_("Remplacé le")),
        ),
    ),
    Section(
        N_("Vos messages et leurs réponses"),
        st.EXCHANGES,
        (
            Column("kind", N_("Sorte"), named(KINDS)),
            Column("written_at", N_("Écrit le")),
            Column("writer", N_("Écrit pour vous par")),
            Column("text", N_("Texte")),
            Column("mood", N_("Comment c’était"), named(MOODS)),
            Column("answer", N_("Réponse")),
            Column("answered_at", N_("Répondu le")),
            Column("author", N_("Répondu par")),
        ),
        reader="messages.read",
    ),
    Section(
        N_("Ce que nous vous avons envoyé"),
        st.NOTICES,
        (
            Column("channel", N_("Par"), named({**CHANNELS, "portal": N_("Votre espace")})),
            Column("state", N_("État"), named(SENT)),
            Column("created_at", N_("Écrit le")),
            Column("sent_at", N_("Parti le")),
            Column("read_at", N_("Lu le")),
        ),
    ),
    Section(
        N_("Vos autorisations d’aide"),
        st.MANDATES,
        (
            Column("helper", N_("Donnée à")),
            Column("scope", N_("Pour"), _scopes),
            Column("starts_on", N_("Depuis le")),
            Column("ends_on", N_("Jusqu’au")),
            Column("given_how", N_("Comment")),
            Column("revoked_at", N_("Arrêtée le")),
            Column("acts", N_("Actes faits pour vous")),
        ),
    ),
    Section(
        N_("Vos proches"),
        st.CIRCLE,
        (
            Column("name", N_("Nom")),
            Column("tie", N_("Lien"), named(TIES)),
            Column("phone", N_("Téléphone")),
            Column("email", N_("E-mail")),
            Column("address", N_("Adresse")),
            Column("scope", N_("Pour"), _circle_scopes),
            Column("starts_on", N_("Depuis le")),
            Column("ends_on", N_("Jusqu’au")),
            Column("given_how", N_("Comment")),
            Column("revoked_at", N_("Arrêtée le")),
        ),
    ),
    Section(
        N_("Vos cartes avec un code"),
        st.CARDS,
        (
            Column("issued_at", N_("Remise le")),
            Column("author", N_("Remise par")),
            Column("expires_at", N_("Valable jusqu’au")),
            Column("used_at", N_("Utilisée le")),
            Column("voided_at", N_("Annulée le")),
        ),
    ),
    Section(
        N_("Vos connexions"),
        st.SESSIONS,
        (
            Column("created_at", N_("Ouverte le")),
            Column("seen_at", N_("Dernière page le")),
            Column("shared", N_("Appareil partagé"), named({True: N_("Oui"), False: N_("Non")})),
            Column("revoked_at", N_("Fermée le")),
        ),
    ),
    Section(
        N_("Vos droits : copies et effacements"),
        st.RIGHTS,
        (
            Column("kind", N_("Acte"), named({"copy": N_("Copie"), "erasure": N_("Effacement")})),
            Column("at", N_("Fait le")),
            Column("author", N_("Fait par")),
        ),
    ),
)
"""In the order in which they are shown."""
