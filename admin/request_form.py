"""The form of a demande: its values, how they are read, said and compared field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from admin.request_rows import LISTS, sealed, shown, spread, unsealed
from core.kernel.words import N_
from core.requests.facts import Answered, Known
from core.requests.recommendations import SUPPORT
from core.territories.codes import code_list
from core.web.forms import ANSWERS, Form

Values = dict[str, list[str]]
FORM = "request.file"
"""The name of this form's drafts."""

STATES = {state: name for name, state in ANSWERS.items()}

LABELS: dict[str, str] = {
    "reason_code": N_("Motif de la demande"),
    "organisation_id": N_("Organisme prescripteur"),
    "external_no": N_("Numéro de la demande dans le SI-SIAO"),
    "informed_on": N_("Ménage informé de l’usage de ses données le"),
    "summary": N_("Situation en quelques phrases"),
    "situation": N_("Où dort la personne aujourd’hui"),
    "resources": N_("Ressources du ménage"),
    "resource_lines": N_("Détail des ressources"),
    "animals": N_("A un animal"),
    "accessible_needed": N_("A besoin d’un logement accessible"),
    "areas_wanted": N_("Communes souhaitées"),
    "areas_wanted_state": N_("Communes souhaitées : sans choix"),
    "areas_refused": N_("Communes refusées"),
    "areas_refused_state": N_("Communes refusées : sans choix"),
    "support": N_("Accompagnement souhaité par le ménage"),
    "preferences": N_("Ce qui compte pour le ménage, dans ses mots"),
    "preferences_state": N_("Ce qui compte pour le ménage : sans réponse en mots"),
    "recommendations": N_("Préconisations"),
}
"""Every field of the form, in its order, with the words of a comparison."""

BESIDE = ("areas_wanted", "areas_refused", "preferences")
"""Questions answered by a choice or by words, or by one of the other answers beside (`…_state`)."""

NOTHING = {
    "areas_wanted": N_("Pas de préférence"),
    "areas_refused": N_("Aucune"),
    "preferences": N_("Rien de particulier"),
}
"""What "no" reads, question by question."""

WHERE = {
    "family_name": None, "given_name": None, "birth": None, "contact": None, "composition": None,
    "key_worker": None, "residential_situation": "situation", "request_reason": "reason_code",
    "resources": "resources", "recommendation": "kind_1", "prescriber": "organisation_id",
    "informed_on": "informed_on",
}  # fmt: skip
"""The field that answers what is missing; None: it is in the household's file."""

ANCHORS = {"recommendations": "kind_1", "resource_lines": "res_amount_1"}
"""The field that a word about a whole list leads to."""


def values_of(file: Known) -> Values:
    """What stands now, as the form would send it."""
    request, answers = file.request, file.answers
    values: dict[str, Any] = {
        "reason_code": request["reason_code"],
        "organisation_id": request["organisation_id"],
        "external_no": request["external_no"],
        "informed_on": _value(answers.get("informed_on")),
        "summary": request["summary"],
        "situation": file.main["situation"] if file.main else None,
        "resources": _state(answers.get("resources_cents")),
        "resource_lines": sealed(_lines(file)),
        "animals": _state(answers.get("animals")),
        "accessible_needed": _state(answers.get("accessible_needed")),
        "areas_wanted": _value(answers.get("areas_wanted")) or [],
        "areas_refused": _value(answers.get("areas_refused")) or [],
        "support": _level(answers.get("support")),
        "recommendations": sealed(
            [
                [r["kind"], "" if r["support"] is None else str(r["support"]), r["why"]]
                for r in file.recommendations
            ]
        ),
        "preferences": _value(answers.get("preferences")),
        **{f"{name}_state": _other_state(answers.get(name)) for name in BESIDE},
    }
    return {name: values[name] if name in LISTS else _texts(values.get(name)) for name in LABELS}


def fields_of(values: Values) -> dict[str, list[str]]:
    """The values as the fields of the form: each list spread over its lines."""
    fields = {name: given for name, given in values.items() if name not in LISTS}
    for name in LISTS:
        fields |= spread(name, unsealed(name, values[name]))
    return fields


def _lines(file: Known) -> list[list[str]]:
    """The resources that stand. A total noted elsewhere since is one line, without its details."""
    answer = file.answers.get("resources_cents")
    if answer is None or answer.state != 1 or answer.value is None:
        return []
    if not file.resources or sum(r["amount_cents"] for r in file.resources) != answer.value:
        return [[euros(answer.value), "", "", "", ""]]
    return [
        [
            euros(r["amount_cents"]),
            "" if r["kind"] is None else str(r["kind"]),
            r["person"] or "",
            r["since"].isoformat() if r["since"] else "",
            r["until"].isoformat() if r["until"] else "",
        ]
        for r in file.resources
    ]


def _texts(value: Any) -> list[str]:
    if value is None or value == "":
        return []
    return sorted(str(v) for v in value) if isinstance(value, (list, tuple)) else [str(value)]


def _state(answer: Answered | None) -> str | None:
    return STATES[answer.state] if answer else None


def _other_state(answer: Answered | None) -> str | None:
    """The answer that stands where nothing was chosen or said."""
    return STATES[answer.state] if answer and answer.state != 1 else None


def _value(answer: Answered | None) -> Any:
    return answer.value if answer and answer.state == 1 else None


def _level(answer: Answered | None) -> str | None:
    """A level, or the answer that stands instead of one."""
    if answer is None:
        return None
    if answer.state == 1:
        return None if answer.value is None else str(answer.value)
    return "0" if answer.state == 2 else STATES[answer.state]


def euros(cents: int) -> str:
    """An amount as its field holds it."""
    return f"{cents // 100},{cents % 100:02d}".removesuffix(",00")


def typed(form: Form) -> Values:
    """What was sent, in the shape of `values_of`."""
    values = {
        name: sealed(shown(form.dump(), name)) if name in LISTS else sorted(form.all(name))
        for name in LABELS
    }
    if "informed_on" not in form.names():
        # A draft of before the question was on the form says nothing of it.
        values["informed_on"] = unseal(form.value("base"))["informed_on"]
    return values


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
    """Two savings of one form: what to show, what differs from what stands now, where both
    changed, and what only they changed (`taken`: it is in the form already)."""

    values: Values
    differs: list[str] = field(default_factory=list)
    both: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)


def merge(base: Values, mine: Values, theirs: Values) -> Merge:
    """Field by field: what only they changed is taken, what I changed is kept; where both did,
    mine stays in the form and is marked to choose. Nothing is lost."""
    result = Merge({})
    for name in LABELS:
        was, my, their = base.get(name, []), mine.get(name, []), theirs.get(name, [])
        if my in (was, their):
            result.values[name] = their
            if their != was:
                result.taken.append(name)
        else:
            result.values[name] = my
            result.differs.append(name)
            if their != was:
                result.both.append(name)
    return result


Words = Mapping[str, Mapping[Any, str]]


def said(name: str, values: list[str], words: Words, translate: Callable[[str], str]) -> str:
    """The values of a field as a person reads them, for a comparison."""
    if not values:
        return translate(N_("non renseigné"))
    if name in LISTS:
        return " ; ".join(
            ", ".join(
                translate(dict(_texted(words, stem)).get(v, v))
                for stem, v in zip(LISTS[name], line, strict=True)
                if v
            )
            for line in unsealed(name, values)
        )
    if name == "informed_on":
        return _said_day(values[0])
    known = dict(_texted(words, name))
    return ", ".join(translate(known[v]) if v in known else v for v in values)


def _said_day(text: str) -> str:
    try:
        return f"{date.fromisoformat(text):%d/%m/%Y}"
    except ValueError:
        return text


def _texted(words: Words, name: str) -> list[tuple[str, str]]:
    return [(str(key), label) for key, label in words.get(name, {}).items()]


FOUR = {
    "yes": N_("Oui"), "no": N_("Non"), "refused": N_("Ne souhaite pas répondre"),
    "unknown": N_("Ne sait pas"),
}  # fmt: skip


def others(name: str) -> list[tuple[str, str]]:
    """The answers beside a choice or words, and what each reads."""
    return [("no", NOTHING[name]), *((key, FOUR[key]) for key in ("refused", "unknown"))]


def words_of(
    kinds: Mapping[str, str], areas: list[Any], organisations: list[Any], people: Sequence[Any]
) -> Words:
    """The labels of coded fields, by field."""
    communes = {a["id"]: a["name"] for a in areas}
    return {
        "reason_code": code_list("request_reason").labels(),
        "situation": code_list("residential_situation").labels(),
        "organisation_id": {o["id"]: o["name"] for o in organisations},
        "areas_wanted": communes,
        "areas_refused": communes,
        "support": {**SUPPORT, "refused": FOUR["refused"], "unknown": FOUR["unknown"]},
        "kind": kinds,
        "res_kind": code_list("resources").labels(),
        "res_person": {p["ref"]: f"{p['given_name']} {p['family_name']}" for p in people},
        "resources": FOUR,
        **{f"{name}_state": dict(others(name)) for name in BESIDE},
        "animals": FOUR,
        "accessible_needed": FOUR,
    }
