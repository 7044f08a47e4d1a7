"""What is read of a person for their copy: rows that are theirs alone."""

from __future__ import annotations

from core.rights.sections import MINE, during

SELF = """
SELECT given_name, family_name, usual_name, birth, sex, phone, email, language, external_no,
  created_at, died_on FROM person WHERE id = $1
"""

BEFORE = """
SELECT v.replaced_at, a.name AS author, v.held FROM past_version v
LEFT JOIN account a ON a.id = v.replaced_by
WHERE v.kind = 'person' AND v.row_id = $1 ORDER BY v.id
"""

SITUATIONS = """
SELECT s.code, s.starts_on, s.ends_on, s.source, s.at, a.name AS author
FROM situation s LEFT JOIN account a ON a.id = s.by WHERE s.person_id = $1 ORDER BY s.id
"""

# A household's own words are given to the adult who was alone in it, or who wrote them.
ANSWERS = f"""
{MINE}
SELECT x.question, x.state, jsonb_build_array(x.question,
    CASE WHEN x.question LIKE 'areas\\_%' AND jsonb_typeof(x.value) = 'array' THEN (
      SELECT jsonb_agg(z.name ORDER BY z.name) FROM area z WHERE z.id IN (
        SELECT n::bigint FROM jsonb_array_elements_text(x.value) AS n)) ELSE x.value END) AS value,
  x.at, x.field_class AS class, x.source, a.name AS author
FROM answer x LEFT JOIN account a ON a.id = x.by
WHERE x.person_id = $1 OR (x.person_id IS NULL AND EXISTS (SELECT 1 FROM mine
  WHERE mine.household_id = x.household_id AND {during("x.at")} AND (mine.alone
    OR x.by IN (SELECT account_id FROM resident_account WHERE person_id = $1)
    OR (x.field_class IN ('identity', 'social')
        AND (x.value IS NULL OR jsonb_typeof(x.value) <> 'string')))))
ORDER BY x.id
"""  # noqa: S608 made of constants

NOTES = f"""
{MINE}
SELECT n.at, n.text, n.field_class AS class, a.name AS author
FROM note n LEFT JOIN account a ON a.id = n.by
WHERE n.person_id = $1 OR (n.person_id IS NULL AND EXISTS (SELECT 1 FROM mine
  WHERE mine.household_id = n.household_id AND mine.alone AND {during("n.at")}))
ORDER BY n.id
"""  # noqa: S608 made of constants

PROTECTIONS = """
SELECT kind, holder, organisation, holder_phone, starts_on, ends_on FROM protection
WHERE person_id = $1 ORDER BY id
"""

RESOURCES = f"""
{MINE}
SELECT r.kind, r.amount_cents, r.since, r.until, r.starts_at, r.ends_at FROM resource r
WHERE r.person_id = $1 OR (r.person_id IS NULL AND EXISTS (SELECT 1 FROM mine
  WHERE mine.household_id = r.household_id AND mine.alone AND {during("r.starts_at")}))
ORDER BY r.id
"""  # noqa: S608 made of constants

EXCHANGES = """
SELECT x.kind, x.written_at, w.name AS writer, x.text, x.mood, x.answer, x.answered_at,
  a.name AS author
FROM exchange x LEFT JOIN account a ON a.id = x.answered_by
LEFT JOIN account w ON w.id = x.written_by AND w.kind = 'professional'
WHERE x.person_id = $1 ORDER BY x.id
"""

NOTICES = """
SELECT channel, state, created_at, sent_at, read_at FROM outgoing_message
WHERE person_id = $1 ORDER BY id
"""

MANDATES = """
SELECT a.name AS helper, d.scope, d.starts_on, d.ends_on, d.given_how, d.revoked_at,
  (SELECT count(*) FROM event e WHERE e.territory_id = d.territory_id
   AND e.mandate_id = d.id) AS acts
FROM mandate d JOIN account a ON a.id = d.account_id WHERE d.person_id = $1 ORDER BY d.id
"""

CIRCLE = """
SELECT name, tie, phone, email, address, scope, starts_on, ends_on, given_how, revoked_at
FROM circle_member WHERE person_id = $1 ORDER BY id
"""

CARDS = """
SELECT c.issued_at, a.name AS author, c.expires_at, c.used_at, c.voided_at
FROM (SELECT id, person_id, issued_at, issued_by, expires_at, used_at, voided_at FROM access_code
  UNION ALL
  SELECT id, person_id, issued_at, issued_by, expires_at, used_at, voided_at FROM return_code) c
LEFT JOIN account a ON a.id = c.issued_by AND a.kind = 'professional'
WHERE c.person_id = $1 ORDER BY c.issued_at, c.id
"""

SESSIONS = """
SELECT s.created_at, s.seen_at, s.shared_device = 1 AS shared, s.revoked_at
FROM session s JOIN resident_account r ON r.account_id = s.account_id
WHERE r.person_id = $1 ORDER BY s.created_at
"""

RIGHTS = """
SELECT r.kind, r.at, a.name AS author FROM rights_act r LEFT JOIN account a ON a.id = r.by
WHERE r.person_id = $1 ORDER BY r.id
"""
