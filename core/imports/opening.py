"""A demande the base does not know: its household, its people and all that hangs on them.

People are never merged: the same number in SI-SIAO is the same person, a look-alike is a flag.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from core.households.names import search_key
from core.households.people import Member, Role, Sex
from core.imports.keys import fold
from core.imports.known import Known, KnownHousehold, KnownPerson, Named, Surroundings
from core.imports.lookalikes import ALIKE, likeness
from core.imports.plans import Change, Flag, Plan
from core.imports.targets import CLASSES, LISTED, REMARKS_CLASS, PersonTarget, Target
from core.kernel.refs import new_ref
from core.requests.facts import KEPT, Answered, facts_row

SENIORITY_REASON = "Date d’ancienneté reprise du fichier importé."
"""Kept with the act, for whoever reads why the seniority is not the first transmission."""


def open_demande(plan: Plan, target: Target, known: Known, around: Surroundings) -> None:
    """Plan the rows of a demande that is new here."""
    household_id, household = _household(plan, target, known, around)
    people = [_person(plan, target, one, known, household_id, household) for one in target.people]
    request_id = _request(plan, target, household_id, around)
    _answers(plan, target, household_id, around)
    plan.rows["request_facts"].append(
        facts_of(target, request_id, household_id, people, plan.today, plan.now)
    )
    plan.add(
        "imported_demande", target.key, request_id, household_id, target.digest,
        encode(target.said()), plan.run_id, target.line, plan.now,
    )  # fmt: skip
    plan.changes.append(
        Change(
            target.line, "demande", request_id, "created", None,
            {
                "household": household_id,
                "opened": household is None,
                "people": [
                    [one.line, person_id]
                    for one, (person_id, new) in zip(target.people, people, strict=True) if new
                ],
            },
        )
    )  # fmt: skip
    plan.outcomes.append((target.line, "created"))
    plan.happened.append(("import.demande_imported", household_id, request_id))


def _household(
    plan: Plan, target: Target, known: Known, around: Surroundings
) -> tuple[int, KnownHousehold | None]:
    """The household of the group number when it shares a person and nothing is open, else anew."""
    for found in known.households.get(target.group_no or "", ()):
        ours = {known.people[p.external_no].id for p in target.people
                if p.external_no in known.people}  # fmt: skip
        if not found.has_open and ours & set(found.people):
            return found.id, found
        plan.flags.append(
            Flag(target.line, "group_known", household_id=found.id,
                 details={"group": target.group_no})
        )  # fmt: skip
    household_id = plan.take("household")
    sector = around.sectors.get(search_key(target.commune)) if target.commune else None
    plan.add(
        "household", household_id, new_ref(), plan.now, plan.by, sector, target.group_no,
        target.household["phone"], target.household["email"],
    )  # fmt: skip
    plan.households.append(household_id)
    return household_id, None


def _person(
    plan: Plan, target: Target, one: PersonTarget, known: Known, household_id: int,
    household: KnownHousehold | None,
) -> tuple[int, bool]:  # fmt: skip
    """The person's id and whether they are new; joins them to the household."""
    person_id, number = _same_person(plan, target, one, known, household_id)
    new = person_id is None
    if person_id is None:
        person_id = record_person(plan, one, number)
        _flag_lookalikes(plan, one, person_id, household_id, known)
    if household is None or person_id not in household.people:
        plan.add("membership", household_id, person_id, one.role, starting(plan, target, one))
    if new:
        situate(plan, person_id, one, target.situated_on)
    for question, answer in one.answers.items():
        say(plan, household_id, person_id, question, answer)
    if one.remarks:
        plan.add("note", household_id, person_id, REMARKS_CLASS, one.remarks, plan.by, plan.now)
    return person_id, new


def _same_person(
    plan: Plan, target: Target, one: PersonTarget, known: Known, household_id: int
) -> tuple[int | None, str | None]:
    """Who carries this number already, if they can be the same; and the number to record."""
    number = one.external_no
    if number is None:
        return None, None
    if (here := plan.numbers.get(number)) is not None:
        return here, number
    found = known.people.get(number)
    if found is None:
        return None, number
    if not plausible(one, found):
        plan.flags.append(
            Flag(one.line, "number_conflict", household_id, None, found.id,
                 details={"number": number})
        )  # fmt: skip
        return None, None
    if any(other != household_id for other in found.households):
        plan.flags.append(Flag(one.line, "person_elsewhere", household_id, found.id))
    return found.id, number


def plausible(one: PersonTarget, found: KnownPerson) -> bool:
    """Whether the bearer of a number may be this person: numbers get mistyped too."""
    family, given, birth = one.key
    if birth is not None and birth == found.birth:
        return True
    return likeness(family, given, fold(found.family), fold(found.given)) >= ALIKE


def record_person(plan: Plan, one: PersonTarget, number: str | None) -> int:
    """A new person, findable by the words of their names."""
    person_id = plan.take("person")
    f = one.fields
    plan.add(
        "person", person_id, new_ref(), f["family_name"], f["given_name"], f["usual_name"],
        search_key(f"{f['family_name']} {f['given_name']}"), f["birth"], f["sex"], f["phone"],
        f["email"], number, plan.now,
    )  # fmt: skip
    words = search_key(f"{f['family_name']} {f['given_name']} {f['usual_name']}").split()
    for word in dict.fromkeys(words):
        plan.add("person_variant", person_id, word)
    if number is not None:
        plan.numbers[number] = person_id
    return person_id


def _flag_lookalikes(
    plan: Plan, one: PersonTarget, person_id: int, household_id: int, known: Known
) -> None:
    family, given, birth = one.key
    if birth is None or not family or not given:
        return
    for other in known.born.get(birth, ()):
        score = likeness(family, given, fold(other.family), fold(other.given))
        if score >= ALIKE:
            plan.flags.append(
                Flag(one.line, "maybe_known", household_id, person_id, other.id,
                     details={"score": score})
            )  # fmt: skip


def starting(plan: Plan, target: Target, one: PersonTarget) -> date:
    """Since when the person belongs: the first transmission, their birth, never the future."""
    first = target.request["first_sent_on"] or plan.today
    birth = one.fields["birth"]
    return min(max(first, birth) if birth else first, plan.today)


def situate(plan: Plan, person_id: int, one: PersonTarget, on: date | None) -> None:
    if one.situation is None:
        return
    day = on or plan.today
    birth = one.fields["birth"]
    day = max(day, birth) if birth and birth <= plan.today else day
    plan.add("situation", person_id, one.situation, day, "import", plan.by, plan.now)


def say(
    plan: Plan, household_id: int, person_id: int | None, question: str, answer: tuple[int, Any]
) -> None:
    """An answer of the file, under the class that guards its question."""
    state, value = answer
    plan.add(
        "answer", household_id, person_id, question, CLASSES[question], int(state),
        None if value is None else encode(value), "import", plan.by, plan.now,
    )  # fmt: skip


def _request(plan: Plan, target: Target, household_id: int, around: Surroundings) -> int:
    r = target.request
    request_id = plan.take("housing_request")
    organisation = (
        around.organisations.get(search_key(target.prescriber)) if target.prescriber else None
    )
    plan.add(
        "housing_request", request_id, new_ref(), household_id, r["state"], r["reason_code"],
        r["first_sent_on"], r["last_sent_on"], r["seniority_on"], r["refresh_due"], organisation,
        target.request_no, plan.now, plan.by,
    )  # fmt: skip
    plan.told_state(request_id, r["state"])
    if r["seniority_on"] is not None and r["seniority_on"] != r["first_sent_on"]:
        plan.add(
            "seniority_act", request_id, r["first_sent_on"], r["seniority_on"], SENIORITY_REASON,
            plan.now, plan.by,
        )  # fmt: skip
    for rank, kind in enumerate(target.kinds, start=1):
        plan.add("recommendation", request_id, rank, kind, plan.by, plan.now)
    enlist(plan, request_id, r["state"], target.kinds, r["seniority_on"] or plan.today)
    return request_id


def enlist(
    plan: Plan, request_id: int, state: str, kinds: tuple[str, ...], seniority: date
) -> None:
    """A place on the list of each kind, where the demande's state keeps one."""
    entry_state = LISTED.get(state)
    if entry_state is None:
        return
    for kind in kinds:
        entry_id = plan.take("waiting_entry")
        plan.add(
            "waiting_entry", entry_id, request_id, kind, entry_state, seniority, plan.now, plan.by
        )
        plan.told_entry(entry_id, entry_state)


def _answers(plan: Plan, target: Target, household_id: int, around: Surroundings) -> None:
    for question, answer in target.answers.items():
        say(plan, household_id, None, question, answer)
    named: Named | None = around.workers.get(search_key(target.worker)) if target.worker else None
    if named is not None and household_id in plan.households[-1:]:
        plan.add(
            "key_worker", household_id, named.account_id, named.organisation_id, named.role,
            plan.today,
        )  # fmt: skip
        if named.role == "siao":
            plan.named.add(household_id)


def facts_of(
    target: Target, request_id: int, household_id: int, people: list[tuple[int, bool]],
    today: date, now: Any,
) -> tuple[Any, ...]:  # fmt: skip
    """The row that matching reads, as the services build it from the same answers."""
    members = [
        Member(
            person_id, Role(one.role), one.fields["birth"],
            Sex(one.fields["sex"]) if one.fields["sex"] else None,
        )
        for one, (person_id, _) in zip(target.people, people, strict=True)
    ]  # fmt: skip
    answers = {q: Answered(int(state), value) for q, (state, value) in target.answers.items()}
    told: dict[tuple[int | None, str], tuple[int, Any]] = {
        (person_id, question): (int(state), value)
        for one, (person_id, _) in zip(target.people, people, strict=True)
        for question, (state, value) in one.answers.items()
    }
    if (number := target.answers.get("social_housing_no")) is not None:
        told[None, "social_housing_no"] = (int(number[0]), number[1])
    row = facts_row(members, answers, told, today)
    row |= {"household_id": household_id, "kinds": list(target.kinds) or None, "support": None}
    return request_id, now, *(_one_text(row[name]) for name in KEPT)


def _one_text(value: Any) -> Any:
    """A list as PostgreSQL writes it: rows go by columns, and a column of lists has no shape."""
    if not isinstance(value, list):
        return value
    return "{" + ",".join(map(str, value)) + "}"


def encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()
