"""Which messages a territory sends by what: each event has a topic, each topic a dated setting."""

from __future__ import annotations

from core.territories.settings import CoreSettings

TOPICS = {
    "referral.proposed": "proposal",
    "referral.deadline_soon": "deadline",
    "request.refused": "decision",
    "entry.lapse_announced": "lapse",
    "entry.lapsed": "lapse",
    "request.refresh_reminder": "refresh",
    "key_worker.assigned": "key_worker",
    "key_worker.changed": "key_worker",
    **dict.fromkeys(
        (
            "seniority.correction", "seniority.earlier_request", "seniority.given_back",
            "seniority.oldest_kept", "seniority.restart",
        ),
        "seniority",
    ),
}  # fmt: skip
"""Events that have a setting of their own; any other is of the topic `other`."""

PRESSING = frozenset({"proposal", "deadline", "decision", "lapse", "refresh"})
"""Topics that call again even where the last call was not followed by a visit: a date runs."""

WORKER_TOLD = frozenset(
    {
        "referral.proposed", "referral.deadline_soon", "entry.lapse_announced", "entry.lapsed",
        "request.refresh_reminder", "request.refused",
    }
)  # fmt: skip
"""Events that the household's key workers find on their own desk."""


def topic_of(event_kind: str) -> str:
    """The topic whose setting says by what an event is told."""
    return TOPICS.get(event_kind, "other")


def policy_of(settings: CoreSettings, event_kind: str) -> str:
    """How far an event is told outside of the portal: portal, best, letter or all."""
    return str(getattr(settings, f"notify_{topic_of(event_kind)}"))
