"""Known demandes as they stand here, locked: the third side of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from core.imports.merging import Member, Standing
from core.imports.targets import CLASSES
from core.kernel.unit import Unit

PERSON_FIELDS = ("family_name", "given_name", "usual_name", "birth", "sex", "phone", "email")
REQUEST_FIELDS = (
    "state", "reason_code", "first_sent_on", "last_sent_on", "seniority_on", "refresh_due",
)  # fmt: skip

_PEOPLE = """
SELECT m.household_id, p.id, p.external_no, p.family_name, p.given_name, p.usual_name, p.birth,
  p.sex, p.phone, p.email,
  (SELECT s.code FROM situation s WHERE s.person_id = p.id AND s.starts_on <= $2
     AND (s.ends_on IS NULL OR s.ends_on > $2) ORDER BY s.starts_on DESC, s.id DESC LIMIT 1)
    AS situation
FROM membership m JOIN person p ON p.id = m.person_id
WHERE m.household_id = ANY($1::bigint[]) AND m.starts_on <= $2
  AND (m.ends_on IS NULL OR m.ends_on > $2)
ORDER BY m.household_id, p.id
"""
_ANSWERS = """
SELECT DISTINCT ON (household_id, question, person_id) household_id, person_id, question, state,
  value
FROM answer WHERE household_id = ANY($1::bigint[]) AND question = ANY($2::text[])
ORDER BY household_id, question, person_id, id DESC
"""


async def read_standing(unit: Unit, request_ids: Sequence[int]) -> dict[int, Standing]:
    """Known demandes as they stand, locked until the Unit ends, by their id."""
    requests = await unit.fetch(
        "SELECT * FROM housing_request WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE",
        request_ids,
    )
    households = [r["household_id"] for r in requests]
    about = {
        r["id"]: r
        for r in await unit.fetch(
            "SELECT id, phone, email, version FROM household WHERE id = ANY($1::bigint[]) "
            "ORDER BY id FOR UPDATE",
            households,
        )
    }
    members: dict[int, list[Member]] = {}
    for r in await unit.fetch(_PEOPLE, households, unit.today):
        fields = {name: r[name] for name in PERSON_FIELDS}
        members.setdefault(r["household_id"], []).append(
            Member(r["id"], r["external_no"], fields, r["situation"])
        )
    answers: dict[int, dict[tuple[int | None, str], tuple[int, Any]]] = {}
    for r in await unit.fetch(_ANSWERS, households, list(CLASSES)):
        value = None if r["value"] is None else msgspec.json.decode(r["value"])
        answers.setdefault(r["household_id"], {})[r["person_id"], r["question"]] = (
            r["state"],
            value,
        )
    kinds: dict[int, list[str]] = {}
    for r in await unit.fetch(
        "SELECT request_id, kind FROM recommendation WHERE request_id = ANY($1::bigint[]) "
        "AND ends_at IS NULL ORDER BY request_id, rank, id",
        request_ids,
    ):
        kinds.setdefault(r["request_id"], []).append(r["kind"])
    return {
        r["id"]: Standing(
            r["id"], r["household_id"], {name: r[name] for name in (*REQUEST_FIELDS, "version")},
            about[r["household_id"]], tuple(kinds.get(r["id"], ())),
            members.get(r["household_id"], []), answers.get(r["household_id"], {}),
        )
        for r in requests
    }  # fmt: skip
