"""An answer as people read it: the label of a code, the name of a commune, a date in full."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.households.people import ANSWER_LABELS, AnswerState
from core.households.questions import Question
from core.requests.recommendations import SUPPORT
from core.territories.codes import code_list
from core.web.visit import Visit


def said(visit: Visit, question: Question, answer: Any, areas: Mapping[int, str]) -> str | None:
    """The words of an answer; None for an amount or a date, which a template writes."""
    value = answer["value"]
    if answer["state"] != AnswerState.YES or value is None or isinstance(value, bool):
        return visit._(ANSWER_LABELS[AnswerState(answer["state"])])
    match question.kind:
        case "codes" if isinstance(value, int):
            return code_list(question.codes).labels().get(value, str(value))
        case "choices":
            return visit._(dict(question.choices).get(str(value), str(value)))
        case "areas" if isinstance(value, list):
            return ", ".join(areas[i] for i in value if i in areas) or visit._(
                ANSWER_LABELS[AnswerState.YES]
            )
        case "level" if value in SUPPORT:
            return visit._(SUPPORT[value])
        case "money":
            return None
        case "date":
            return None if day_of(value) else str(value)
        case "yes":
            return f"{visit._(ANSWER_LABELS[AnswerState.YES])} – {value}"
    return str(value)


def day_of(value: Any) -> date | None:
    """The day an answer holds; None when an import left other words there."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
