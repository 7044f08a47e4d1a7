"""The work queues of the back-office: what waits for somebody, and whom each queue is for.

Each queue's SQL is written here, from constants: nothing a person types is ever part of it.
"""
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Sequence

from admin.queue_parts import (
    DATA,
    FILE_PATH,
    OF_MY_SECTORS,
    OF_REFERRAL,
    OF_REQUEST,
    OWN_PROGRAMME,
    PEOPLE,
    PLACES,
    REFERRAL_PATH,
    REQUEST_PATH,
    REQUESTS,
    SEEN,
    TO_PROGRAMME,
    Queue,
)
from admin.referral_queues import LAPSING, REFERRAL_QUEUES
from core.extension.context import Ctx
from core.households.alone import SINCE, alone
from core.kernel.errors import NotFound
from core.kernel.words import N_
from core.placements.elsewhere import HERE


def _requests(where: str, due: str = "r.last_sent_on") -> str:
    return (
        f"SELECT r.id, h.id AS household_id, {REQUEST_PATH} AS path, {due} AS due, '' AS note "
        f"{OF_REQUEST} WHERE {where} AND ({SEEN})"
    )


def _changed(side: str, seen: str) -> str:
    """Households that changed while a proposal runs, to be looked at on that side of it."""
    return (
        f"SELECT w.id, h.id AS household_id, {REFERRAL_PATH} AS path, w.at::date AS due, "
        f"g.name AS note {OF_REFERRAL} JOIN referral_review w ON w.referral_id = o.id "
        f"{TO_PROGRAMME} WHERE w.settled_at IS NULL AND w.side IN ('', '{side}') AND ({seen})"
    )


_ADJOURNED_UNTIL = (
    "(SELECT d.due_on FROM decision d WHERE d.request_id = r.id ORDER BY d.id DESC LIMIT 1)"
)

QUEUES: Sequence[Queue] = (
    Queue(
        "a-instruire", N_("À instruire"), REQUESTS, "requests.review",
        _requests("r.state IN ('sent', 'in_review', 'in_commission', 'special_cases')"), "accent",
    ),
    Queue(
        "a-completer", N_("Informations manquantes"), REQUESTS, "requests.read",
        _requests("r.state = 'incomplete'"), "warn",
    ),
    Queue(
        "ajournees", N_("Ajournements arrivés à échéance"), REQUESTS, "requests.review",
        _requests(f"r.state = 'adjourned' AND {_ADJOURNED_UNTIL} <= $2", _ADJOURNED_UNTIL), "warn",
    ),
    Queue(
        "a-actualiser", N_("Actualisations en retard"), REQUESTS, "requests.refresh",
        _requests("r.state IN ('validated', 'waiting', 'to_refresh') AND r.refresh_due <= $2",
                  "r.refresh_due"), "warn",
    ),
    LAPSING,
    *REFERRAL_QUEUES,
    Queue(
        "propositions", N_("Propositions sans réponse"), PLACES, "referrals.answer_for_household",
        f"SELECT o.id, h.id AS household_id, {REFERRAL_PATH} AS path, o.answer_by::date AS due, "
        f"g.name AS note {OF_REFERRAL} {TO_PROGRAMME} "
        f"WHERE o.state IN ('proposed', 'unanswered') AND ({SEEN})", "warn",
    ),
    Queue(
        "a-envoyer", N_("Accords à envoyer à la structure"), PLACES, "referrals.follow",
        f"SELECT o.id, h.id AS household_id, {REFERRAL_PATH} AS path, o.proposed_at::date AS due, "
        f"g.name AS note {OF_REFERRAL} {TO_PROGRAMME} "
        f"WHERE o.state = 'accepted' AND ({SEEN})", "accent",
    ),
    Queue(
        "chez-la-structure", N_("En attente de la structure"), PLACES,
        "referrals.answer_structure",
        f"SELECT o.id, h.id AS household_id, {REFERRAL_PATH} AS path, o.answer_by::date AS due, "
        f"g.name AS note {OF_REFERRAL} {TO_PROGRAMME} "
        f"WHERE o.state IN ('sent_to_structure', 'preadmission') AND {OWN_PROGRAMME}", "info",
        over="places",
    ),
    Queue(
        "entrees", N_("Entrées à enregistrer"), PLACES, "placements.record",
        f"SELECT o.id, h.id AS household_id, {REFERRAL_PATH} AS path, o.proposed_at::date AS due, "
        f"g.name AS note {OF_REFERRAL} {TO_PROGRAMME} "
        f"WHERE o.state = 'admitted' AND {OWN_PROGRAMME} AND NOT EXISTS ("
        "SELECT 1 FROM placement s WHERE s.referral_id = o.id AND s.state <> 'planned')", "accent",
        over="places",
    ),
    Queue(
        "menages-changes", N_("Ménages changés pendant une proposition"), PLACES,
        "referrals.answer_for_household", _changed("siao", SEEN), "warn",
    ),
    Queue(
        "changes-en-structure", N_("Ménages orientés qui ont changé"), PLACES,
        "referrals.answer_structure",
        _changed("structure", f"$1::bigint[] IS NOT NULL AND {OWN_PROGRAMME} AND (w.side <> '' OR "
                 "o.state IN ('sent_to_structure', 'preadmission', 'admitted'))"), "warn",
        over="places", quiet=True,
    ),
    Queue(
        "orientees-ailleurs", N_("Orientées ou admises selon un fichier"), PLACES,
        "requests.refer", _requests(f"r.state IN ('referred', 'admitted') AND NOT {HERE}"),
        "warn", quiet=True,
    ),
    Queue(
        "chiffres-a-relire", N_("Chiffres à relire"), DATA, "figures.own",
        "SELECT f.id, NULL::bigint AS household_id, '/mes-chiffres/' || f.ref AS path, "
        "f.comment_until AS due, g.name AS note FROM figure_publication f "
        "JOIN organisation g ON g.id = f.organisation_id WHERE f.published_at IS NULL "
        "AND f.comment = '' AND f.comment_until >= $2 "
        "AND ($1::bigint[] IS NULL OR f.organisation_id = ANY($1::bigint[]))", "info",
        over="places", quiet=True,
    ),
    Queue(
        "urgences", N_("Admissions en urgence à confirmer"), PLACES, "placements.confirm",
        "SELECT e.id, NULL::bigint AS household_id, '/sejours/urgence/' || e.ref AS path, "
        "e.starts_on AS due, g.name || ' · ' || u.label AS note FROM emergency_admission e "
        "JOIN housing_unit u ON u.id = e.unit_id JOIN programme g ON g.id = u.programme_id "
        "WHERE e.state = 'waiting'", "warn", mine="",
    ),
    Queue(
        "places-libres", N_("Places libres"), PLACES, "vacancies.read",
        "SELECT v.id, NULL::bigint AS household_id, '/places/' || v.ref AS path, "
        "v.free_on AS due, g.name || ' · ' || u.label AS note FROM vacancy v "
        "JOIN housing_unit u ON u.id = v.unit_id JOIN programme g ON g.id = u.programme_id "
        f"WHERE v.state = 'declared' AND {OWN_PROGRAMME}", "ok", over="places", mine="",
    ),
    Queue(
        "echeances", N_("Séjours dont l’échéance est passée"), PLACES, "placements.record",
        "SELECT s.id, s.household_id, '/sejours/' || s.ref AS path, s.due_on AS due, "
        "g.name || ' · ' || u.label AS note FROM placement s "
        "JOIN housing_unit u ON u.id = s.unit_id JOIN programme g ON g.id = u.programme_id "
        f"WHERE s.state = 'present' AND s.due_on < $2 AND {OWN_PROGRAMME}", "warn",
        over="places", quiet=True,
    ),
    Queue(
        "messages", N_("Messages à répondre"), PEOPLE, "messages.answer",
        "SELECT x.id, h.id AS household_id, '/messages/' || x.ref AS path, "
        "x.answer_due::date AS due, '' AS note "
        "FROM exchange x JOIN household h ON h.id = x.household_id "
        f"WHERE x.answered_at IS NULL AND ({SEEN})", "warn",
    ),
    Queue(
        "questions", N_("Questions qui me sont posées"), PEOPLE, "households.read",
        f"SELECT q.id, h.id AS household_id, {FILE_PATH} AS path, q.asked_at::date AS due, "
        "'' AS note FROM field_question q JOIN household h ON h.id = q.household_id "
        f"WHERE q.answered_at IS NULL AND q.to_account_id = $3 AND ({SEEN})", "accent",
        mine="true",
    ),
    Queue(
        "sans-referent", N_("Ménages sans référent"), PEOPLE, "households.hand_over",
        f"SELECT h.id, h.id AS household_id, {FILE_PATH} AS path, "
        f"({SINCE} + $4::int) AS due, '' AS note FROM household h WHERE {alone('$2')}",
        "error", mine=OF_MY_SECTORS,
    ),
    Queue(
        "doutes-import", N_("Doutes laissés par les imports"), DATA, "imports.run",
        "SELECT f.id, f.household_id, '/imports/' || i.ref || '/doublons?apres=' || (f.id - 1) "
        "AS path, i.started_at::date AS due, "
        "i.file_name AS note FROM import_flag f JOIN import_run i ON i.id = f.run_id "
        "WHERE f.settled_at IS NULL", "warn",
    ),
    Queue(
        "a-savoir", N_("À savoir sur vos ménages"), PEOPLE, "messages.read",
        "SELECT o.id, h.id AS household_id, '/menages/' || h.ref || '/envois' AS path, "
        "o.sent_at::date AS due, '' AS note FROM outgoing_message o "
        "JOIN household h ON h.id = o.household_id WHERE o.channel = 'desk' "
        f"AND o.account_id = $3 AND o.read_at IS NULL AND ({SEEN})", quiet=True,
    ),
    Queue(
        "non-joints", N_("Personnes que rien n’a pu joindre"), PEOPLE, "messages.read",
        "SELECT o.id, h.id AS household_id, '/envois/non-joints' AS path, "
        "o.created_at::date AS due, '' AS note FROM outgoing_message o "
        "JOIN household h ON h.id = o.household_id WHERE o.channel NOT IN ('portal', 'desk') "
        "AND (o.state = 'failed' OR o.channel = 'voice' AND o.state = 'waiting') "
        f"AND ({SEEN})", "warn", quiet=True,
    ),
    Queue(
        "a-reporter", N_("À reporter dans le SI-SIAO"), DATA, "external.report",
        "SELECT e.id, e.household_id, '/a-reporter' AS path, e.at::date AS due, e.text AS note "
        "FROM external_change e WHERE e.done_at IS NULL", "info",
    ),
)  # fmt: skip


def queues_for(ctx: Ctx, mine: bool = False) -> list[Queue]:
    """The queues that this actor may see; with `mine`, those that are about somebody's file."""
    return [q for q in QUEUES if ctx.can(q.permission) and (q.mine or not mine)]


def queue_of(ctx: Ctx, key: str) -> Queue:
    """One queue by its key; one that the actor may not see does not exist for them."""
    for queue in queues_for(ctx):
        if queue.key == key:
            return queue
    raise NotFound()
