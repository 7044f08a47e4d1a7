"""What a demande’s form says, as the service takes it, and its mistakes; the demande to be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from admin.request_form import LABELS, WHERE, Words, said, values_of, words_of
from admin.request_rows import shown
from core.kernel.words import N_
from core.requests.facts import Known
from core.requests.recommendations import SUPPORT
from core.requests.resources import ResourceLine
from core.web.forms import ANSWERS, Form

OTHERS = ("no", "refused", "unknown")
CHOSEN_TOO = N_("Des communes sont cochées : décochez-les, ou effacez cette réponse.")
FUTURE = N_("Cette date est dans l’avenir.")
SAID_TOO = N_("Des mots sont écrits : retirez-les, ou effacez cette réponse.")


def read(form: Form, file: Known, words: Words, today: date) -> dict[str, Any]:
    """The arguments of `complete_request`; mistakes are noted in the form."""
    answers: dict[str, tuple[int | None, Any]] = {}
    resources, lines = form.answer("resources"), _resources(form, file, words)
    if lines and resources is None:
        resources = 1
    elif lines and resources != 1:
        form.wrong("resources", N_("Des montants sont indiqués : retirez-les, ou choisissez "
                                   "« Montant connu »."))  # fmt: skip
    if resources == 1 and not lines and not form.errors:
        form.wrong("res_amount_1", N_("Indiquez un montant, par exemple 635,70."))
    # A sum is written with its lines.
    answers["resources_cents"] = (None, None) if lines else (resources, None)
    for name in ("animals", "accessible_needed"):
        answers[name] = (form.answer(name), None)
    for name in ("areas_wanted", "areas_refused"):
        chosen = [int(v) for v in form.all(name) if v in {str(a) for a in words[name]}]
        answers[name] = _beside(form, name, chosen, CHOSEN_TOO)
    if set(form.all("areas_wanted")) & set(form.all("areas_refused")):
        form.wrong("areas_refused", N_("Une commune est à la fois souhaitée et refusée."))
    level = form.choice("support", words["support"])
    if level in ("refused", "unknown"):
        answers["support"] = (ANSWERS[level], None)
    else:
        answers["support"] = (1, int(level)) if level else (None, None)
    answers["preferences"] = _beside(form, "preferences", form.text("preferences"), SAID_TOO)
    if "informed_on" in form.names():
        informed = form.date("informed_on")
        if informed and informed > today:
            form.wrong("informed_on", FUTURE)
        answers["informed_on"] = (1, informed.isoformat()) if informed else (None, None)
    since = form.date("situation_on")
    if since and since > today:
        form.wrong("situation_on", FUTURE)
    reason, organisation = (
        form.choice(name, words[name]) for name in ("reason_code", "organisation_id")
    )
    situation = form.choice("situation", words["situation"])
    main = file.main
    since = form.date("situation_on")
    if since and since > today:
        form.wrong("situation_on", N_("Cette date est dans l’avenir."))
    return {
        "reason_code": int(reason) if reason else None,
        "organisation_id": int(organisation) if organisation else None,
        "external_no": form.text("external_no", 40) or None,
        "summary": form.text("summary"),
        # What was emptied is taken back: the question counts as not asked, not as a "no".
        "answers": {
            q: a
            for q, a in answers.items()
            if (a[0] is not None or q in file.answers) and not (q == "resources_cents" and lines)
        },
        "situation": (main["id"], int(situation), since or today)
        if main and situation and int(situation) != main["situation"]
        else None,
        "recommendations": _recommendations(form, words),
        "resources": lines,
    }


def _beside(form: Form, name: str, given: Any, both: str) -> tuple[int | None, Any]:
    """A choice or words; or else one of the other answers, never both."""
    state = form.choice(f"{name}_state", (*OTHERS, ""))
    if given and state:
        form.wrong(f"{name}_state", both)
    if given:
        return 1, given
    return (ANSWERS[state], None) if state else (None, None)


def _recommendations(form: Form, words: Words) -> list[tuple[str, int | None, str]]:
    items: list[tuple[str, int | None, str]] = []
    for n, line in enumerate(shown(form.dump(), "recommendations"), start=1):
        if not any(line):
            continue
        kind = form.choice(f"kind_{n}", words["kind"], required=True)
        support = form.choice(f"support_{n}", SUPPORT)
        if kind in [known for known, _, _ in items]:
            form.wrong(f"kind_{n}", N_("Ce type de logement est indiqué deux fois."))
        items.append((kind or "", int(support) if support else None, form.text(f"why_{n}", 500)))
    return items


def _resources(form: Form, file: Known, words: Words) -> list[ResourceLine]:
    ids = {p["ref"]: p["id"] for p in file.people}
    lines = []
    for n, line in enumerate(shown(form.dump(), "resource_lines"), start=1):
        if not any(line):
            continue
        amount = form.money(f"res_amount_{n}")
        if amount is None:
            form.wrong(f"res_amount_{n}", N_("Indiquez un montant, par exemple 635,70."))
        kind = form.choice(f"res_kind_{n}", words["res_kind"])
        person = form.choice(f"res_person_{n}", ids)
        since, until = form.date(f"res_since_{n}"), form.date(f"res_until_{n}")
        if since and until and until < since:
            form.wrong(f"res_until_{n}", N_("La fin ne peut pas précéder le début."))
        lines.append(
            ResourceLine(
                amount or 0, int(kind) if kind else None, ids.get(person or ""), since, until
            )
        )
    return lines


def typed_here(form: Form, field: str) -> bool:
    """Whether the form on the page answers what the demande lacks, or says itself what is wrong:
    one summary never asks for what the other one holds."""
    names = [WHERE[field] or ""]
    if field == "resources":
        names.append("res_amount_1")
    return any(form.value(name) or form.error(name) for name in names)


def reading(
    translate: Callable[[str], str],
    file: Known,
    kinds: dict[str, str],
    communes: list[Any],
    prescribers: list[Any],
) -> list[tuple[str, str]]:
    """The demande to be read: each question that was answered, with its answer."""
    words = words_of(kinds, communes, prescribers, file.people)
    values = values_of(file)
    return [
        (translate(label), said(name, values[name], words, translate))
        for name, label in LABELS.items()
        if values[name] and not (name == "resource_lines" and values["resources"] != ["yes"])
    ]
