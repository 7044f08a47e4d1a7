"""Decisions on a demande: what is recorded, the words to the household, the remedies with dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from core.households.external import to_report
from core.kernel.errors import Invalid, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.facts import Known, known
from core.requests.recommendations import kind_labels
from core.requests.rules import DECISIONS, Remedy, refusal_remedies
from core.requests.steps import lock, step
from core.requests.tables import Decision
from core.territories.settings import read_settings

OUTCOMES: Mapping[str, str] = {
    "validate_and_refer": N_("Valider et orienter"),
    "validate_and_list": N_("Valider et inscrire en liste d’attente"),
    "adjourn": N_("Ajourner"),
    "send_to_special_cases": N_("Inscrire aux cas particuliers"),
    "refuse": N_("Refuser"),
    "ask_missing": N_("Demander des compléments"),
}
"""What may be decided, with its words on the screen; asking for items is kept beside, since it
too has items and a date."""

VERBS = {**{outcome: outcome for outcome in (*DECISIONS, "ask_missing")}}
VERBS["validate_and_refer"] = "validate"
"""The proposal itself, made in the same Unit by `core.placements`, then takes the step `refer`."""

MISSING_ITEMS = (
    N_("Un document d’identité"),
    N_("Un justificatif de ressources"),
    N_("Les personnes qui vivent avec vous"),
    N_("La situation de logement actuelle"),
    N_("L’avis du référent de parcours"),
    N_("Une adresse ou un téléphone pour vous joindre"),
    N_("Le droit au séjour"),
    N_("Le choix des communes"),
)
"""Items that are often asked for; others are written freely. Kept as French msgids."""

PLAIN = {
    "validate_and_refer": N_(
        "Votre demande est acceptée. Nous vous proposons un lieu. Vous pouvez dire oui ou non."
    ),
    "validate_and_list": N_(
        "Votre demande est acceptée. Il n’y a pas de lieu libre aujourd’hui. "
        "Vous êtes sur une liste d’attente. Votre date d’inscription ne change pas."
    ),
    "adjourn": N_(
        "Nous ne pouvons pas encore décider. Il manque des informations. "
        "Votre référent va vous aider. Votre date d’inscription ne change pas."
    ),
    "ask_missing": N_(
        "Il manque des informations. Votre référent va vous aider. "
        "Votre date d’inscription ne change pas."
    ),
    "send_to_special_cases": N_(
        "Votre situation demande un travail à plusieurs. "
        "Plusieurs équipes vont chercher une solution avec vous."
    ),
    "refuse": N_("Votre demande n’est pas acceptée. Votre référent peut vous expliquer."),
}
"""The words to the household to start from, by outcome; whoever decides completes them."""


async def decide(
    unit: Unit,
    request_id: int,
    outcome: str,
    *,
    reason: str = "",
    plain_text: str = "",
    missing: Sequence[str] = (),
    due_on: date | None = None,
    vacancy_id: int | None = None,
    court_relevant: bool = False,
) -> int:
    """Decide directly, without any commission. Returns the decision's id.

    `reason` is for the team, `plain_text` for the household (the usual words when empty).
    `missing` and `due_on`: for an adjournment or a request for items; a past date is refused.
    `vacancy_id`: for `validate_and_refer`, which leaves the demande validated: the caller then
    proposes that vacancy in the same Unit. A refusal keeps its remedies with their last days.
    Raises Refused with the rule's reason when it is not possible.
    """
    if outcome not in OUTCOMES:
        raise Invalid({"outcome": N_("Choisissez une réponse de la liste.")})
    items = [item.strip() for item in missing if item.strip()]
    if due_on is not None and due_on <= unit.today:
        raise Invalid({"due_on": N_("Indiquez une date à venir.")})
    await lock(unit, request_id)
    file = await known(unit, request_id)
    if outcome == "validate_and_refer":
        await _check_vacancy(unit, vacancy_id, file)
    remedies: tuple[Remedy, ...] = ()
    if outcome == "refuse":
        settings = await read_settings(unit, unit.today)
        remedies = refusal_remedies(
            unit.today,
            court_relevant=court_relevant or settings.court_relevant,
            country=await unit.value(
                "SELECT country FROM territory WHERE id = $1", unit.territory_id
            ),
        )
    decision = Decision(
        request_id=request_id,
        outcome=outcome,
        decided_at=unit.now,
        decided_by=unit.actor.account_id,
        reason=reason.strip(),
        plain_text=plain_text.strip() or PLAIN[outcome],
        missing=msgspec.json.encode(items).decode(),
        due_on=due_on,
        remedies=msgspec.json.encode(
            [{"code": r.code, "until": r.until.isoformat() if r.until else None} for r in remedies]
        ).decode(),
        snapshot=msgspec.json.encode(snapshot(file, vacancy_id)).decode(),
    )
    await decision.save()
    await step(
        unit,
        request_id,
        VERBS[outcome],
        facts={
            "missing_items": bool(items),
            "due_date": due_on is not None,
            "remedies": bool(remedies),
        },
        reason=reason,
        decision=decision.id,
        due_on=_iso(due_on),
    )
    if outcome != "ask_missing":
        text = f"Demande – décision du {unit.today:%d/%m/%Y} : {OUTCOMES[outcome].lower()}"
        if outcome.startswith("validate") and file.recommendations:
            labels = await kind_labels(unit)
            kinds = [labels.get(r["kind"], r["kind"]) for r in file.recommendations]
            text += f" ({', '.join(kinds)})"
        await to_report(unit, file.request["household_id"], "decision", text)
    return int(decision.id)


def snapshot(file: Known, vacancy_id: int | None = None) -> dict[str, Any]:
    """What the decision was made on: codes, counts and dates, never a name."""
    resources = file.answers.get("resources_cents")
    return {
        "composition": file.composition,
        "persons": len(file.people),
        "reason_code": file.request["reason_code"],
        "situation": file.main["situation"] if file.main else None,
        "resources": [resources.state, resources.value] if resources else None,
        "recommendations": [[r["kind"], r["support"]] for r in file.recommendations],
        "seniority_on": _iso(file.request["seniority_on"]),
        "refresh_due": _iso(file.request["refresh_due"]),
        "vacancy_id": vacancy_id,
        "missing": [m.field for m in file.missing()],
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


async def _check_vacancy(unit: Unit, vacancy_id: int | None, file: Known) -> None:
    """The vacancy must be open and of a recommended kind: a better rule is the shortlist's."""
    if vacancy_id is None:
        raise Invalid({"vacancy": N_("Choisissez une place.")})
    row = await unit.row("SELECT kind, state FROM vacancy WHERE id = $1", vacancy_id)
    if row is None or row["state"] != "declared":
        raise Refused(N_("Cette place n’est plus libre : choisissez-en une autre."))
    if row["kind"] not in {r["kind"] for r in file.recommendations}:
        raise Refused(N_("Cette place n’est pas d’un type préconisé pour ce ménage."))


async def adjournment(unit: Unit, request_id: int) -> Mapping[str, Any] | None:
    """What the latest adjournment or request for items waits for: items and date."""
    row = await unit.row(
        "SELECT outcome, missing, due_on, decided_at, plain_text FROM decision "
        "WHERE request_id = $1 AND outcome IN ('adjourn', 'ask_missing') ORDER BY id DESC LIMIT 1",
        request_id,
    )
    return None if row is None else {**dict(row), "missing": msgspec.json.decode(row["missing"])}
