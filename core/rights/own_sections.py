"""The sections of a copy that are the person's alone: who they are, what they told and read."""

from __future__ import annotations

from typing import Any

import msgspec

from core.accounts.mandates import SCOPES
from core.households.changes import PROTECTIONS
from core.households.people import ANSWER_LABELS
from core.households.questions import CLASS_LABELS, QUESTIONS
from core.kernel.words import LANGUAGES, N_
from core.notifications.rules import CHANNELS
from core.notifications.service import MOODS
from core.rights.sections import MINE, Column, Section, during, named
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
    return [SCOPES.get(key, key) for key in keys]


def _value(value: str | None) -> Any:
    """An answer's value as it was given: text, a number, a list."""
    return None if value is None else msgspec.json.decode(value)


_SELF = """
SELECT given_name, family_name, usual_name, birth, sex, phone, email, language, external_no,
  created_at, died_on FROM person WHERE id = $1
"""

_BEFORE = """
SELECT v.replaced_at, a.name AS author, v.held FROM past_version v
LEFT JOIN account a ON a.id = v.replaced_by
WHERE v.kind = 'person' AND v.row_id = $1 ORDER BY v.id
"""

_SITUATIONS = """
SELECT s.code, s.starts_on, s.ends_on, s.source, s.at, a.name AS author
FROM situation s LEFT JOIN account a ON a.id = s.by WHERE s.person_id = $1 ORDER BY s.id
"""

# A household's own words are given to the adult who was alone in it, or who wrote them.
_ANSWERS = f"""
{MINE}
SELECT x.question, x.state, x.value, x.at, x.field_class AS class, x.source, a.name AS author
FROM answer x LEFT JOIN account a ON a.id = x.by
WHERE x.person_id = $1 OR (x.person_id IS NULL AND EXISTS (SELECT 1 FROM mine
  WHERE mine.household_id = x.household_id AND {during("x.at")} AND (mine.alone
    OR x.by IN (SELECT account_id FROM resident_account WHERE person_id = $1)
    OR (x.field_class IN ('identity', 'social')
        AND (x.value IS NULL OR jsonb_typeof(x.value) <> 'string')))))
ORDER BY x.id
"""  # noqa: S608 made of constants

_NOTES = f"""
{MINE}
SELECT n.at, n.text, n.field_class AS class, a.name AS author
FROM note n LEFT JOIN account a ON a.id = n.by
WHERE n.person_id = $1 OR (n.person_id IS NULL AND EXISTS (SELECT 1 FROM mine
  WHERE mine.household_id = n.household_id AND mine.alone AND {during("n.at")}))
ORDER BY n.id
"""  # noqa: S608 made of constants

_PROTECTIONS = """
SELECT kind, holder, organisation, holder_phone, starts_on, ends_on FROM protection
WHERE person_id = $1 ORDER BY id
"""

_RESOURCES = f"""
{MINE}
SELECT r.kind, r.amount_cents, r.since, r.until, r.starts_at, r.ends_at FROM resource r
WHERE r.person_id = $1 OR (r.person_id IS NULL AND EXISTS (SELECT 1 FROM mine
  WHERE mine.household_id = r.household_id AND mine.alone AND {during("r.starts_at")}))
ORDER BY r.id
"""  # noqa: S608 made of constants

_EXCHANGES = """
SELECT x.kind, x.written_at, w.name AS writer, x.text, x.mood, x.answer, x.answered_at,
  a.name AS author
FROM exchange x LEFT JOIN account a ON a.id = x.answered_by
LEFT JOIN account w ON w.id = x.written_by AND w.kind = 'professional'
WHERE x.person_id = $1 ORDER BY x.id
"""

_NOTICES = """
SELECT channel, state, created_at, sent_at, read_at FROM outgoing_message
WHERE person_id = $1 ORDER BY id
"""

_MANDATES = """
SELECT a.name AS helper, d.scope, d.starts_on, d.ends_on, d.given_how, d.revoked_at,
  (SELECT count(*) FROM event e WHERE e.territory_id = d.territory_id
   AND e.mandate_id = d.id) AS acts
FROM mandate d JOIN account a ON a.id = d.account_id WHERE d.person_id = $1 ORDER BY d.id
"""

_CARDS = """
SELECT c.issued_at, a.name AS author, c.expires_at, c.used_at, c.voided_at
FROM access_code c LEFT JOIN account a ON a.id = c.issued_by WHERE c.person_id = $1 ORDER BY c.id
"""

_SESSIONS = """
SELECT s.created_at, s.seen_at, s.shared_device = 1 AS shared, s.revoked_at
FROM session s JOIN resident_account r ON r.account_id = s.account_id
WHERE r.person_id = $1 ORDER BY s.created_at
"""

_RIGHTS = """
SELECT r.kind, r.at, a.name AS author FROM rights_act r LEFT JOIN account a ON a.id = r.by
WHERE r.person_id = $1 ORDER BY r.id
"""

AUTHOR = Column("author", N_("Noté par"))

OWN = (
    Section(
        N_("Qui vous êtes"),
        _SELF,
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
        _BEFORE,
        (
            Column("replaced_at", N_("Changé le")),
            AUTHOR,
            Column("held", N_("Ce qui était noté"), _value),
        ),
    ),
    Section(
        N_("Où vous avez vécu"),
        _SITUATIONS,
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
        _ANSWERS,
        (
            Column("question", N_("Question"), named({k: q.label for k, q in QUESTIONS.items()})),
            Column("state", N_("Réponse"), named(STATES)),
            Column("value", N_("En détail"), _value),
            Column("class", N_("Sorte d’information"), named(CLASS_LABELS)),
            Column("at", N_("Noté le")),
            AUTHOR,
        ),
        reader="",
    ),
    Section(
        N_("Les notes écrites sur vous"),
        _NOTES,
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
        _PROTECTIONS,
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
        _RESOURCES,
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
        _EXCHANGES,
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
        _NOTICES,
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
        _MANDATES,
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
        N_("Vos cartes avec un code"),
        _CARDS,
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
        _SESSIONS,
        (
            Column("created_at", N_("Ouverte le")),
            Column("seen_at", N_("Dernière page le")),
            Column("shared", N_("Appareil partagé"), named({True: N_("Oui"), False: N_("Non")})),
            Column("revoked_at", N_("Fermée le")),
        ),
    ),
    Section(
        N_("Vos droits : copies et effacements"),
        _RIGHTS,
        (
            Column("kind", N_("Acte"), named({"copy": N_("Copie"), "erasure": N_("Effacement")})),
            Column("at", N_("Fait le")),
            Column("author", N_("Fait par")),
        ),
    ),
)
"""In the order in which they are shown."""
