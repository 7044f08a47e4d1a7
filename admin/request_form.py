"""The form of a demande: its values, how they are read, said and compared field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from core.kernel.words import N_
from core.requests.facts import Answered, Known
from core.requests.recommendations import SUPPORT
from core.territories.codes import code_list
from core.web.forms import ANSWERS, Form

Values = dict[str, list[str]]
RANKS = (1, 2, 3)
"""How many recommendations the form offers, in order of preference."""

STATES = {state: name for name, state in ANSWERS.items()}

LABELS: dict[str, str] = {
    "reason_code": N_("Motif de la demande"),
    "organisation_id": N_("Organisme prescripteur"),
    "external_no": N_("Numéro de la demande dans le SI-SIAO"),
    "summary": N_("Situation en quelques phrases"),
    "situation": N_("Où dort la personne aujourd’hui"),
    "resources": N_("Ressources du ménage"),
    "resources_amount": N_("Montant par mois"),
    "animals": N_("A un animal"),
    "accessible_needed": N_("A besoin d’un logement accessible"),
    "areas_wanted": N_("Communes souhaitées"),
    "areas_refused": N_("Communes refusées"),
    "support": N_("Accompagnement souhaité par le ménage"),
    "preferences": N_("Ce qui compte pour le ménage, dans ses mots"),
    **{f"kind_{n}": N_("Préconisation") for n in RANKS},
    **{f"support_{n}": N_("Accompagnement préconisé") for n in RANKS},
    **{f"why_{n}": N_("Pourquoi") for n in RANKS},
}
"""Every field of the form, in its order, with the words of a comparison."""

WHERE = {
    "family_name": None, "given_name": None, "birth": None, "contact": None, "composition": None,
    "key_worker": None, "residential_situation": "situation", "request_reason": "reason_code",
    "resources": "resources", "recommendation": "kind_1", "prescriber": "organisation_id",
    "informed_on": "informed_on",
}  # fmt: skip
"""The field that answers what is missing; None: it is in the household's file."""


def values_of(file: Known) -> Values:
    """What stands now, as the form would send it."""
    request, answers = file.request, file.answers
    values: dict[str, Any] = {
        "reason_code": request["reason_code"],
        "organisation_id": request["organisation_id"],
        "external_no": request["external_no"],
        "summary": request["summary"],
        "situation": file.main["situation"] if file.main else None,
        "resources": _state(answers.get("resources_cents")),
        "resources_amount": _euros(answers.get("resources_cents")),
        "animals": _state(answers.get("animals")),
        "accessible_needed": _state(answers.get("accessible_needed")),
        "areas_wanted": _value(answers.get("areas_wanted")) or [],
        "areas_refused": _value(answers.get("areas_refused")) or [],
        "support": _value(answers.get("support")),
        "preferences": _value(answers.get("preferences")),
    }
    for rank, row in zip(RANKS, file.recommendations, strict=False):
        values |= {
            f"kind_{rank}": row["kind"],
            f"support_{rank}": row["support"],
            f"why_{rank}": row["why"],
        }
    return {name: _texts(values.get(name)) for name in LABELS}


def _texts(value: Any) -> list[str]:
    if value is None or value == "":
        return []
    return sorted(str(v) for v in value) if isinstance(value, (list, tuple)) else [str(value)]


def _state(answer: Answered | None) -> str | None:
    return STATES[answer.state] if answer else None


def _value(answer: Answered | None) -> Any:
    return answer.value if answer and answer.state == 1 else None


def _euros(answer: Answered | None) -> str | None:
    cents = _value(answer)
    return None if cents is None else f"{cents // 100},{cents % 100:02d}".removesuffix(",00")


def typed(form: Form) -> Values:
    """What was sent, in the shape of `values_of`."""
    return {name: sorted(form.all(name)) for name in LABELS}


def seal(values: Values) -> str:
    """The values that the form began with, for the comparison when it comes back."""
    return msgspec.json.encode({n: v for n, v in values.items() if v}).decode()


def unseal(text: str) -> Values:
    """The values the form began with; empty when the field was tampered with."""
    try:
        found = msgspec.json.decode(text, type=dict[str, list[str]])
    except msgspec.DecodeError:
        found = {}
    return {name: found.get(name, []) for name in LABELS}


@dataclass
class Merge:
    """Two savings of one form: what to show, what they changed, where both changed."""

    values: Values
    theirs: list[str] = field(default_factory=list)
    both: list[str] = field(default_factory=list)


def merge(base: Values, mine: Values, theirs: Values) -> Merge:
    """Field by field: what only they changed is taken, what I changed is kept; where both did,
    mine stays in the form and is marked to choose. Nothing is lost."""
    result = Merge({})
    for name in LABELS:
        was, my, their = base.get(name, []), mine.get(name, []), theirs.get(name, [])
        if their != was:
            result.theirs.append(name)
        if my == was:
            result.values[name] = their
        else:
            result.values[name] = my
            if their not in (was, my):
                result.both.append(name)
    return result


Words = Mapping[str, Mapping[Any, str]]


def said(name: str, values: list[str], words: Words, translate: Callable[[str], str]) -> str:
    """The values of a field as a person reads them, for a comparison."""
    if not values:
        return translate(N_("non renseigné"))
    group = name.rsplit("_", 1)[0] if name[-1:].isdecimal() else name
    known = {str(key): label for key, label in words.get(group, {}).items()}
    return ", ".join(translate(known[v]) if v in known else v for v in values)


def words_of(kinds: Mapping[str, str], areas: list[Any], organisations: list[Any]) -> Words:
    """The labels of coded fields, by field."""
    communes = {a["id"]: a["name"] for a in areas}
    four = {
        "yes": N_("Oui"), "no": N_("Non"), "refused": N_("Ne souhaite pas répondre"),
        "unknown": N_("Ne sait pas"),
    }  # fmt: skip
    return {
        "reason_code": code_list("request_reason").labels(),
        "situation": code_list("residential_situation").labels(),
        "organisation_id": {o["id"]: o["name"] for o in organisations},
        "areas_wanted": communes,
        "areas_refused": communes,
        "support": SUPPORT,
        "kind": kinds,
        "resources": four,
        "animals": four,
        "accessible_needed": four,
    }


def read(form: Form, file: Known, words: Words, today: date) -> dict[str, Any]:
    """The arguments of `complete_request`; mistakes are noted in the form."""
    answers: dict[str, tuple[int | None, Any]] = {}
    resources, amount = form.answer("resources"), form.money("resources_amount")
    if amount is not None and resources is None:
        resources = 1
    if resources == 1 and amount is None and not form.error("resources_amount"):
        form.wrong("resources_amount", N_("Indiquez un montant, par exemple 635,70."))
    answers["resources_cents"] = (resources, amount if resources == 1 else None)
    for name in ("animals", "accessible_needed"):
        answers[name] = (form.answer(name), None)
    for name in ("areas_wanted", "areas_refused"):
        chosen = [int(v) for v in form.all(name) if v in {str(a) for a in words[name]}]
        answers[name] = _list_answer(chosen, file.answers.get(name))
    if set(form.all("areas_wanted")) & set(form.all("areas_refused")):
        form.wrong("areas_refused", N_("Une commune est à la fois souhaitée et refusée."))
    level = form.choice("support", SUPPORT)
    answers["support"] = _value_answer(int(level) if level else None, file.answers.get("support"))
    answers["preferences"] = _value_answer(
        form.text("preferences") or None, file.answers.get("preferences")
    )
    reason, organisation = (
        form.choice(name, words[name]) for name in ("reason_code", "organisation_id")
    )
    situation = form.choice("situation", words["situation"])
    items = []
    for rank in RANKS:
        kind = form.choice(f"kind_{rank}", words["kind"])
        support = form.choice(f"support_{rank}", SUPPORT)
        if kind:
            why = form.text(f"why_{rank}", 500)
            items.append((kind, int(support) if support else None, why))
    main = file.main
    return {
        "reason_code": int(reason) if reason else None,
        "organisation_id": int(organisation) if organisation else None,
        "external_no": form.text("external_no", 40) or None,
        "summary": form.text("summary"),
        "answers": {q: a for q, a in answers.items() if a[0] is not None},
        "situation": (main["id"], int(situation), form.date("situation_on") or today)
        if main and situation and int(situation) != main["situation"]
        else None,
        "recommendations": items,
    }


def _list_answer(chosen: list[int], before: Answered | None) -> tuple[int | None, Any]:
    """Some chosen: given. None any more: "no". Never chosen: not asked."""
    if chosen:
        return 1, chosen
    return (2, None) if before is not None else (None, None)


def _value_answer(value: Any, before: Answered | None) -> tuple[int | None, Any]:
    if value is not None:
        return 1, value
    return (2, None) if before is not None else (None, None)
