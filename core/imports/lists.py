"""The lists that cells are matched against, with the wordings teams use in their exports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from core.housing.kinds import shipped_kinds
from core.imports.codes import Code, CodeMatcher
from core.territories.codes import shipped_lists

NO_RESOURCES = 0
"""`Sans ressources` is an answer, not a kind of resource: no list has it."""

STATUSES: Mapping[Code, str] = {
    "sent": "Transmise",
    "in_review": "En attente de traitement",
    "incomplete": "À compléter",
    "waiting": "Préconisation - liste d'attente",
    "referred": "Orientée",
    "admitted": "Admise",
    "to_refresh": "À mettre à jour",
    "cancelled": "Annulée",
    "adjourned": "Ajournée",
    "refused": "Refusée",
    "validated": "Validée",
    "suspended": "Suspendue",
    "closed": "Clôturée",
    "draft": "Brouillon",
}
"""States of a request by the label that SI-SIAO or a team's own file gives them."""

_STATUS_WORDS: Mapping[str, Code] = {
    "liste d'attente": "waiting", "en liste d'attente": "waiting", "sur liste": "waiting",
    "en cours": "in_review", "en instruction": "in_review", "envoyée": "sent", "incomplète":
    "incomplete", "close": "closed", "terminée": "closed", "préconisation": "waiting",
}  # fmt: skip

SYPLO: Mapping[Code, str] = {
    "registered": "INSCRIT",
    "not_registered": "NON_INSCRIT",
    "not_concerned": "NE_RELEVE_PAS",
}
_SYPLO_WORDS: Mapping[str, Code] = {
    "oui": "registered", "non": "not_registered", "non concerné": "not_concerned",
}  # fmt: skip


@cache
def shipped_matchers() -> dict[str, CodeMatcher]:
    """One matcher per list that a column of demandes may hold, by the name fields use."""
    aliases: dict[str, dict[str, Code]] = json.loads(
        files("core.imports").joinpath("data/aliases.json").read_text("utf-8")
    )
    lists = shipped_lists()
    labels: dict[str, dict[Code, str]] = {
        name: {item.id: item.label for item in lists[name].items}
        for name in ("composition", "request_reason", "residential_situation", "permit")
    }
    labels["resources"] = {item.id: item.label for item in lists["resources"].items}
    labels["resources"][NO_RESOURCES] = "Sans ressources"
    labels["kind"] = {code: kind.label for code, kind in shipped_kinds().items()}
    for name, wordings in aliases.items():
        for code in wordings.values():
            if code not in labels[name]:
                raise ValueError(f"aliases.json: {name} has no {code!r}")
    matchers = {name: CodeMatcher(table, aliases.get(name)) for name, table in labels.items()}
    matchers["status"] = CodeMatcher(STATUSES, _STATUS_WORDS)
    matchers["syplo"] = CodeMatcher(SYPLO, _SYPLO_WORDS)
    return matchers
