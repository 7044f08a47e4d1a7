"""The sections of a copy that come from a household's file, for the time the person was in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from core.households.changes import EVENT_LABELS
from core.households.shelter import OUTCOMES as SHELTERED
from core.housing.labels import LEASE_LABELS
from core.kernel.words import N_
from core.matching.rules import ENTRY
from core.placements.lifecycle import PLACEMENT, REFERRAL
from core.placements.passing import PASSING_REASONS
from core.placements.versions import AUTHOR_LABELS
from core.requests.decisions import OUTCOMES
from core.requests.lifecycle import MACHINE as REQUEST
from core.rights import file_statements as st
from core.rights.sections import Column, Section, in_words, named
from core.territories.codes import code_list

ROLES = {
    "main": N_("Personne principale"),
    "partner": N_("Conjoint·e ou partenaire"),
    "child": N_("Enfant"),
    "other": N_("Autre membre"),
}
WORKERS = {"siao": N_("Référent SIAO"), "prescriber": N_("Référent du ménage")}
STATES = {
    machine: {key: state.label for key, state in known.states.items()}
    for machine, known in (
        ("request", REQUEST), ("entry", ENTRY), ("referral", REFERRAL), ("placement", PLACEMENT),
    )
}  # fmt: skip


def _decoded(value: str | None) -> Any:
    return None if value is None else msgspec.json.decode(value)


def _lines(*columns: Column) -> Callable[[str | None], Any]:
    """Rows within a row, each with its values in words; a value nobody gave is left out."""

    def said(value: str | None) -> Any:
        return [in_words(columns, row) for row in _decoded(value) or ()]

    return said


_SINCE, _UNTIL = Column("starts_on", N_("Depuis le")), Column("ends_on", N_("Jusqu’au"))
_KIND = Column("kind", N_("Sorte de lieu"))
_AT, _REASON, _WORDS = (
    Column("at", N_("Le")),
    Column("reason", N_("Motif")),
    Column("words", N_("En détail")),
)


def _state(machine: str) -> Column:
    return Column("state", N_("État"), named(STATES[machine]))


FILE = (
    Section(
        N_("Vos ménages"),
        st.HOUSEHOLDS,
        (
            Column("ref", N_("Dossier")),
            Column("role", N_("Place dans le ménage"), named(ROLES)),
            _SINCE,
            _UNTIL,
            Column("phone", N_("Téléphone")),
            Column("email", N_("E-mail")),
            Column("address", N_("Adresse")),
            Column("external_no", N_("Numéro dans un autre système")),
        ),
    ),
    Section(
        N_("Qui vous suit"),
        st.WORKERS,
        (
            Column("name", N_("Nom")),
            Column("organisation", N_("Organisme")),
            Column("role", N_("Rôle"), named(WORKERS)),
            _SINCE,
            _UNTIL,
        ),
    ),
    Section(
        N_("Ce qui a changé dans votre vie"),
        st.EVENTS,
        (
            Column("kind", N_("Événement"), named(EVENT_LABELS)),
            Column("on_date", N_("Le")),
            Column("at", N_("Noté le")),
        ),
    ),
    Section(
        N_("Vos demandes"),
        st.REQUESTS,
        (
            Column("ref", N_("Demande")),
            Column("external_no", N_("Numéro dans un autre système")),
            _state("request"),
            Column("created_at", N_("Ouverte le")),
            Column("first_sent_on", N_("Transmise le")),
            Column("last_sent_on", N_("Actualisée le")),
            Column("seniority_on", N_("Ancienneté")),
            Column("refresh_due", N_("À actualiser avant le")),
            Column("organisation", N_("Organisme")),
            Column("summary", N_("Ce qui a été écrit")),
            Column("steps", N_("Étapes"), _lines(_AT, _state("request"), _REASON)),
        ),
        reader="requests.read",
    ),
    Section(
        N_("Les sortes de lieux préconisées"),
        st.RECOMMENDED,
        (
            _KIND,
            Column("rank", N_("Ordre")),
            Column("why", N_("Pourquoi")),
            Column("starts_at", N_("Noté le")),
            Column("ends_at", N_("Remplacé le")),
        ),
        reader="requests.read",
    ),
    Section(
        N_("Les décisions"),
        st.DECISIONS,
        (
            Column("outcome", N_("Décision"), named(OUTCOMES)),
            Column("decided_at", N_("Le")),
            Column("author", N_("Décidé par")),
            Column("plain_text", N_("Ce qui vous a été dit")),
            Column("reason", N_("Motif")),
            Column("missing", N_("Ce qui manquait"), _decoded),
            Column("due_on", N_("À compléter avant le")),
            Column("remedies", N_("Comment contester"), _decoded),
            Column("snapshot", N_("Ce qui était connu ce jour-là"), _decoded),
        ),
        reader="requests.read",
    ),
    Section(
        N_("Vos listes d’attente"),
        st.LISTS,
        (
            _KIND,
            _state("entry"),
            Column("seniority_on", N_("Ancienneté")),
            Column("entered_at", N_("Depuis le")),
            Column("ended_at", N_("Jusqu’au")),
            Column(
                "seniority",
                N_("Changements d’ancienneté"),
                _lines(_AT, Column("before", N_("Avant")), Column("after", N_("Après")), _REASON),
            ),
        ),
        reader="requests.read",
    ),
    Section(
        N_("Les lieux proposés"),
        st.REFERRALS,
        (
            Column("ref", N_("Proposition")),
            Column("programme", N_("Lieu")),
            _KIND,
            _state("referral"),
            Column("proposed_at", N_("Proposé le")),
            Column("answer_by", N_("Réponse avant le")),
            Column("words", N_("Ce qui vous a été dit")),
            Column(
                "steps",
                N_("Étapes"),
                _lines(
                    _AT,
                    _state("referral"),
                    Column("author", N_("Par"), named(AUTHOR_LABELS)),
                    _REASON,
                    _WORDS,
                ),
            ),
            Column("snapshot", N_("Ce qui était connu ce jour-là"), _decoded),
        ),
        reader="requests.read",
    ),
    Section(
        N_("Les fois où un autre ménage a été proposé avant vous"),
        st.PASSED_OVER,
        (
            Column("at", N_("Le")),
            Column("rank", N_("Rang")),
            Column("reason", N_("Motif"), named({r.code: r.plain for r in PASSING_REASONS})),
            _WORDS,
        ),
        reader="requests.read",
    ),
    Section(
        N_("Les lieux où vous avez été accueilli·e"),
        st.STAYS,
        (
            Column("programme", N_("Lieu")),
            _KIND,
            Column("lease_kind", N_("Contrat"), named(LEASE_LABELS)),
            _state("placement"),
            _SINCE,
            _UNTIL,
            Column("exit_code", N_("Vers où"), named(code_list("exit").labels())),
            Column("exit_words", N_("En détail")),
        ),
    ),
    Section(
        N_("Vos accueils en urgence"),
        st.URGENT,
        (
            Column("starts_on", N_("Depuis le")),
            Column("told_on", N_("Déclaré le")),
            Column("number", N_("Numéro donné")),
            Column("why", N_("Pourquoi")),
            Column("words", N_("En détail")),
        ),
    ),
    Section(
        N_("Vos passages par le 115"),
        st.SHELTER,
        (
            Column("asked_at", N_("Le")),
            Column("need", N_("Besoin")),
            Column("outcome", N_("Suite"), named(SHELTERED)),
            Column("outcome_text", N_("En détail")),
            Column("settled_at", N_("Réglé le")),
        ),
    ),
    Section(
        N_("Les questions posées sur votre dossier"),
        st.QUESTIONS,
        (
            Column("asked_at", N_("Posée le")),
            Column("text", N_("Question")),
            Column("answer", N_("Réponse")),
            Column("answered_at", N_("Répondu le")),
            Column("author", N_("Répondu par")),
        ),
        reader="households.write",
    ),
    Section(
        N_("Ce qui vient d’un fichier"),
        st.FILES,
        (
            Column("at", N_("Lu le")),
            Column("file_name", N_("Fichier")),
            Column("key", N_("Numéro dans un autre système")),
            Column("line", N_("Ligne")),
            Column("said", N_("Ce qui y était écrit"), _decoded),
        ),
        reader="households.write",
    ),
)
"""In the order in which they are shown."""
