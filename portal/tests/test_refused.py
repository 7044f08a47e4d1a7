"""A refused household reads how to contest, whom to ask, and asks for a new examination there."""

from __future__ import annotations

from datetime import date

import msgspec

from portal.journey import explained

TODAY = date(2026, 3, 10)
CONTACTS = {"daho_contact": "Commission, 1 rue du Port", "outside_help_contact": "Mme Kern"}


def decision(until: str | None) -> dict[str, object]:
    remedies = [
        *([{"code": "reexamination", "until": until}] if until else []),
        {"code": "daho"},
        {"code": "mediator"},
        {"code": "unknown here"},
    ]
    return {
        "outcome": "refuse",
        "plain_text": "Non.",
        "missing": "[]",
        "due_on": None,
        "decided_at": TODAY,
        "remedies": msgspec.json.encode(remedies).decode(),
    }


def test_each_way_says_whom_to_ask_where_the_place_said_so() -> None:
    found = explained(decision("2026-05-10"), "refused", CONTACTS, TODAY)
    assert found is not None
    assert [way.contact for way in found.remedies] == ["", *CONTACTS.values()]
    silent = explained(decision("2026-05-10"), "refused", {}, TODAY)
    assert silent is not None and not any(way.contact for way in silent.remedies)


def test_a_new_examination_is_asked_for_while_it_can_be() -> None:
    for until, may in (("2026-03-10", True), ("2026-03-09", False), (None, False)):
        found = explained(decision(until), "refused", {}, TODAY)
        assert found is not None and found.may_ask_again == may, until
