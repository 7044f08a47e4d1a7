"""What is read of a household's file for one person's copy, for the time they were in it."""

from __future__ import annotations

from core.rights.sections import MINE, during


def _kind(code: str) -> str:
    """SQL: what a kind of housing is called here."""
    return (
        f"coalesce((SELECT k.label FROM housing_kind k WHERE k.code = {code} "  # noqa: S608
        f"ORDER BY k.starts_on DESC LIMIT 1), {code})"
    )


# A telephone or an address is given while the person is there: afterwards it is where the others
# may be hiding.
HOUSEHOLDS = f"""
{MINE}
SELECT h.ref, mine.role, mine.starts_on, nullif(mine.ends_on, 'infinity') AS ends_on,
  CASE WHEN mine.ends_on > $2 THEN h.phone END AS phone,
  CASE WHEN mine.ends_on > $2 THEN h.email END AS email,
  CASE WHEN mine.ends_on > $2 THEN h.address END AS address,
  CASE WHEN mine.alone THEN h.external_no END AS external_no
FROM mine JOIN household h ON h.id = mine.household_id ORDER BY mine.starts_on, h.id
"""  # noqa: S608 made of constants

WORKERS = f"""
{MINE}
SELECT a.name, o.name AS organisation, k.role, k.starts_on, k.ends_on FROM key_worker k
JOIN mine ON mine.household_id = k.household_id AND k.starts_on < mine.ends_on
  AND (k.ends_on IS NULL OR k.ends_on > mine.starts_on)
JOIN account a ON a.id = k.account_id LEFT JOIN organisation o ON o.id = k.organisation_id
ORDER BY k.id
"""  # noqa: S608 made of constants

EVENTS = f"""
{MINE}
SELECT DISTINCT l.id, l.kind, l.on_date, l.at FROM life_event l
JOIN mine ON mine.household_id IN (l.household_id, l.other_household_id)
WHERE l.person_id = $1 OR (l.person_id IS NULL AND {during("l.on_date")}) ORDER BY l.id
"""  # noqa: S608 made of constants

REQUESTS = f"""
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

RECOMMENDED = f"""
{MINE}
SELECT {_kind("c.kind")} AS kind, c.rank, c.starts_at, c.ends_at,
  CASE WHEN mine.alone THEN c.why END AS why
FROM recommendation c JOIN housing_request r ON r.id = c.request_id
JOIN mine ON mine.household_id = r.household_id AND {during("c.starts_at")} ORDER BY c.id
"""  # noqa: S608 made of constants

DECISIONS = f"""
{MINE}
SELECT d.outcome, d.decided_at, a.name AS author, d.plain_text, d.missing, d.due_on, d.remedies,
  CASE WHEN mine.alone THEN d.reason END AS reason,
  CASE WHEN mine.alone THEN d.snapshot END AS snapshot
FROM decision d JOIN housing_request r ON r.id = d.request_id
JOIN mine ON mine.household_id = r.household_id AND {during("d.decided_at")}
LEFT JOIN account a ON a.id = d.decided_by ORDER BY d.id
"""  # noqa: S608 made of constants

LISTS = f"""
{MINE}
SELECT {_kind("e.kind")} AS kind, e.state, e.seniority_on, e.entered_at, e.ended_at,
  (SELECT json_agg(json_build_object('at', s.at, 'before', s.before, 'after', s.after,
     'reason', CASE WHEN mine.alone THEN s.reason ELSE s.sentence END) ORDER BY s.id)
   FROM seniority_act s WHERE s.territory_id = r.territory_id AND s.request_id = r.id) AS seniority
FROM waiting_entry e JOIN housing_request r ON r.id = e.request_id
JOIN mine ON mine.household_id = r.household_id AND {during("e.entered_at")} ORDER BY e.id
"""  # noqa: S608 made of constants

REFERRALS = f"""
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
PASSED_OVER = f"""
{MINE}
SELECT f.proposed_at AS at, o.rank, o.reason, CASE WHEN mine.alone THEN o.words END AS words
FROM passed_over o JOIN referral f ON f.id = o.referral_id
JOIN housing_request r ON r.id = o.request_id
JOIN mine ON mine.household_id = r.household_id AND {during("f.proposed_at")} ORDER BY o.id
"""  # noqa: S608 made of constants

STAYS = f"""
{MINE}
SELECT p.name AS programme, {_kind("s.kind")} AS kind, s.lease_kind, s.state, s.starts_on,
  s.ends_on, s.exit_code, CASE WHEN mine.alone THEN s.exit_words END AS exit_words
FROM placement s JOIN mine ON mine.household_id = s.household_id
  AND s.starts_on < mine.ends_on AND (s.ends_on IS NULL OR s.ends_on > mine.starts_on)
JOIN housing_unit u ON u.id = s.unit_id JOIN programme p ON p.id = u.programme_id ORDER BY s.id
"""  # noqa: S608 made of constants

URGENT = f"""
{MINE}
SELECT e.starts_on, e.told_on, e.number, e.why, e.words FROM emergency_admission e
JOIN mine ON mine.household_id = e.household_id AND mine.alone AND {during("e.starts_on")}
ORDER BY e.id
"""  # noqa: S608 made of constants

SHELTER = f"""
{MINE}
SELECT s.asked_at, s.need, s.outcome, s.outcome_text, s.settled_at FROM shelter_handover s
JOIN mine ON mine.household_id = s.household_id AND mine.alone AND {during("s.asked_at")}
ORDER BY s.id
"""  # noqa: S608 made of constants

QUESTIONS = f"""
{MINE}
SELECT q.asked_at, q.text, q.answer, q.answered_at, a.name AS author FROM field_question q
JOIN mine ON mine.household_id = q.household_id AND mine.alone AND {during("q.asked_at")}
LEFT JOIN account a ON a.id = q.answered_by ORDER BY q.id
"""  # noqa: S608 made of constants

FILES = f"""
{MINE}
SELECT i.at, i.key, n.file_name, i.line, i.said FROM imported_demande i
JOIN mine ON mine.household_id = i.household_id AND mine.alone
JOIN import_run n ON n.id = i.run_id ORDER BY i.id
"""  # noqa: S608 made of constants
