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
from core.rights.sections import MINE, Column, Section, during, in_words, named
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


def _kind(code: str) -> str:
    """SQL: what a kind of housing is called here."""
    return (
        f"coalesce((SELECT k.label FROM housing_kind k WHERE k.code = {code} "  # noqa: S608
        f"ORDER BY k.starts_on DESC LIMIT 1), {code})"
    )


# A telephone or an address is given while the person is there: afterwards it is where the others
# may be hiding.
_HOUSEHOLDS = f"""
{MINE}
SELECT h.ref, mine.role, mine.starts_on, nullif(mine.ends_on, 'infinity') AS ends_on,
  CASE WHEN mine.ends_on > $2 THEN h.phone END AS phone,
  CASE WHEN mine.ends_on > $2 THEN h.email END AS email,
  CASE WHEN mine.ends_on > $2 THEN h.address END AS address,
  CASE WHEN mine.alone THEN h.external_no END AS external_no
FROM mine JOIN household h ON h.id = mine.household_id ORDER BY mine.starts_on, h.id
"""  # noqa: S608 made of constants

_WORKERS = f"""
{MINE}
SELECT a.name, o.name AS organisation, k.role, k.starts_on, k.ends_on FROM key_worker k
JOIN mine ON mine.household_id = k.household_id AND k.starts_on < mine.ends_on
  AND (k.ends_on IS NULL OR k.ends_on > mine.starts_on)
JOIN account a ON a.id = k.account_id LEFT JOIN organisation o ON o.id = k.organisation_id
ORDER BY k.id
"""  # noqa: S608 made of constants

_EVENTS = f"""
{MINE}
SELECT DISTINCT l.id, l.kind, l.on_date, l.at FROM life_event l
JOIN mine ON mine.household_id IN (l.household_id, l.other_household_id)
WHERE l.person_id = $1 OR (l.person_id IS NULL AND {during("l.on_date")}) ORDER BY l.id
"""  # noqa: S608 made of constants

_REQUESTS = f"""
{MINE}
SELECT r.ref, r.external_no, r.state, r.created_at, r.first_sent_on, r.last_sent_on,
  r.seniority_on, r.refresh_due, o.name AS organisation,
  CASE WHEN mine.alone THEN r.summary END AS summary,
  (SELECT json_agg(json_build_object(
     'at', s.at, 'state', s.state, 'reason', CASE WHEN mine.alone THEN s.reason END) ORDER BY s.id)
   FROM request_state s WHERE s.territory_id = r.territory_id AND s.request_id = r.id
     AND {during("s.at")}) AS steps
FROM housing_request r JOIN mine ON mine.household_id = r.household_id
  AND r.created_at::date <= mine.ends_on
LEFT JOIN organisation o ON o.id = r.organisation_id ORDER BY r.id
"""  # noqa: S608 made of constants

_RECOMMENDED = f"""
{MINE}
SELECT {_kind("c.kind")} AS kind, c.rank, c.starts_at, c.ends_at,
  CASE WHEN mine.alone THEN c.why END AS why
FROM recommendation c JOIN housing_request r ON r.id = c.request_id
JOIN mine ON mine.household_id = r.household_id AND {during("c.starts_at")} ORDER BY c.id
"""  # noqa: S608 made of constants

_DECISIONS = f"""
{MINE}
SELECT d.outcome, d.decided_at, a.name AS author, d.plain_text, d.missing, d.due_on, d.remedies,
  CASE WHEN mine.alone THEN d.reason END AS reason,
  CASE WHEN mine.alone THEN d.snapshot END AS snapshot
FROM decision d JOIN housing_request r ON r.id = d.request_id
JOIN mine ON mine.household_id = r.household_id AND {during("d.decided_at")}
LEFT JOIN account a ON a.id = d.decided_by ORDER BY d.id
"""  # noqa: S608 made of constants

_LISTS = f"""
{MINE}
SELECT {_kind("e.kind")} AS kind, e.state, e.seniority_on, e.entered_at, e.ended_at,
  (SELECT json_agg(json_build_object('at', s.at, 'before', s.before, 'after', s.after,
     'reason', CASE WHEN mine.alone THEN s.reason ELSE s.sentence END) ORDER BY s.id)
   FROM seniority_act s WHERE s.territory_id = r.territory_id AND s.request_id = r.id) AS seniority
FROM waiting_entry e JOIN housing_request r ON r.id = e.request_id
JOIN mine ON mine.household_id = r.household_id AND {during("e.entered_at")} ORDER BY e.id
"""  # noqa: S608 made of constants

_REFERRALS = f"""
{MINE}
SELECT f.ref, p.name AS programme, {_kind("v.kind")} AS kind, f.state, f.proposed_at, f.answer_by,
  f.words, CASE WHEN mine.alone THEN f.snapshot END AS snapshot,
  (SELECT json_agg(json_build_object('at', s.at, 'state', s.state, 'author', s.author,
     'reason', c.label, 'words', CASE WHEN mine.alone THEN nullif(s.words, '') END) ORDER BY s.id)
   FROM referral_state s LEFT JOIN refusal_reason c ON c.territory_id = s.territory_id
     AND c.id = s.reason_id
   WHERE s.territory_id = f.territory_id AND s.referral_id = f.id AND {during("s.at")}) AS steps
FROM referral f JOIN mine ON mine.household_id = f.household_id AND {during("f.proposed_at")}
JOIN vacancy v ON v.id = f.vacancy_id JOIN housing_unit u ON u.id = v.unit_id
JOIN programme p ON p.id = u.programme_id ORDER BY f.id
"""  # noqa: S608 made of constants

# Another household was proposed: its place and its name are its own.
_PASSED_OVER = f"""
{MINE}
SELECT f.proposed_at AS at, o.rank, o.reason, CASE WHEN mine.alone THEN o.words END AS words
FROM passed_over o JOIN referral f ON f.id = o.referral_id
JOIN housing_request r ON r.id = o.request_id
JOIN mine ON mine.household_id = r.household_id AND {during("f.proposed_at")} ORDER BY o.id
"""  # noqa: S608 made of constants

_STAYS = f"""
{MINE}
SELECT p.name AS programme, {_kind("s.kind")} AS kind, s.lease_kind, s.state, s.starts_on,
  s.ends_on, s.exit_code, CASE WHEN mine.alone THEN s.exit_words END AS exit_words
FROM placement s JOIN mine ON mine.household_id = s.household_id
  AND s.starts_on < mine.ends_on AND (s.ends_on IS NULL OR s.ends_on > mine.starts_on)
JOIN housing_unit u ON u.id = s.unit_id JOIN programme p ON p.id = u.programme_id ORDER BY s.id
"""  # noqa: S608 made of constants

_URGENT = f"""
{MINE}
SELECT e.starts_on, e.told_on, e.number, e.why, e.words FROM emergency_admission e
JOIN mine ON mine.household_id = e.household_id AND mine.alone AND {during("e.starts_on")}
ORDER BY e.id
"""  # noqa: S608 made of constants

_SHELTER = f"""
{MINE}
SELECT s.asked_at, s.need, s.outcome, s.outcome_text, s.settled_at FROM shelter_handover s
JOIN mine ON mine.household_id = s.household_id AND mine.alone AND {during("s.asked_at")}
ORDER BY s.id
"""  # noqa: S608 made of constants

_QUESTIONS = f"""
{MINE}
SELECT q.asked_at, q.text, q.answer, q.answered_at, a.name AS author FROM field_question q
JOIN mine ON mine.household_id = q.household_id AND mine.alone AND {during("q.asked_at")}
LEFT JOIN account a ON a.id = q.answered_by ORDER BY q.id
"""  # noqa: S608 made of constants

_FILES = f"""
{MINE}
SELECT i.at, i.key, n.file_name, i.line, i.said FROM imported_demande i
JOIN mine ON mine.household_id = i.household_id AND mine.alone
JOIN import_run n ON n.id = i.run_id ORDER BY i.id
"""  # noqa: S608 made of constants

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
        _HOUSEHOLDS,
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
        _WORKERS,
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
        _EVENTS,
        (
            Column("kind", N_("Événement"), named(EVENT_LABELS)),
            Column("on_date", N_("Le")),
            Column("at", N_("Noté le")),
        ),
    ),
    Section(
        N_("Vos demandes"),
        _REQUESTS,
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
        _RECOMMENDED,
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
        _DECISIONS,
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
        _LISTS,
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
        _REFERRALS,
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
        _PASSED_OVER,
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
        _STAYS,
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
        _URGENT,
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
        _SHELTER,
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
        _QUESTIONS,
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
        _FILES,
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
