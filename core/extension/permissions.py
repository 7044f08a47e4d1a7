"""Who may do what: a pure decision over roles and relations, always with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.extension.contributions import Permission
from core.kernel.scope import EVERYTHING, NOTHING, Scope
from core.kernel.unit import Actor
from core.kernel.words import N_

ROLES: Mapping[str, str] = {
    "coordinator": N_("Coordination du SIAO"),
    "social_worker": N_("Travail social (SIAO)"),
    "administrator": N_("Administration du territoire"),
    "prescriber": N_("Premier accueil (prescripteur)"),
    "structure": N_("Structure"),
    "observer": N_("Observation"),
}
"""The roles an account may have in a territory, with their French names (msgids)."""

TEAM = frozenset({"coordinator", "social_worker"})
"""Those who regulate: they see every file of the territory."""

EVERYONE = frozenset(ROLES)


FILES, PLACES = frozenset({"prescriber"}), frozenset({"structure"})
"""Roles held at an organisation: those that open its households, those that open its places.

Every other role holds in the whole territory, for the permissions it has.
"""


FIELD_CLASSES: Mapping[str, str] = {
    "identity": "households.read",
    "social": "households.read",
    "health": "fields.health",
    "justice": "fields.justice",
    "child": "fields.child",
    "violence": "fields.violence",
}
"""Which permission opens each class of fields."""


@dataclass(frozen=True)
class Verdict:
    """Allowed or not, and why: shown and logged."""

    allowed: bool
    reason: str

    def __bool__(self) -> bool:
        return self.allowed


def decide(permissions: Mapping[str, Permission], actor: Actor | None, permission: str) -> Verdict:
    """Whether this actor may, by role. Deny by default: an unknown permission is refused."""
    if permission == "public":
        return Verdict(True, "open to all")
    if actor is None:
        return Verdict(False, "nobody is signed in")
    if permission == "resident":
        return Verdict(actor.kind == "resident", "a resident's page")
    if actor.kind == "helper" and actor.helping and actor.helping.over:
        return Verdict(False, "the authorisation has ended")
    if permission == "signed_in":
        return Verdict(actor.kind == "professional", "any professional here")
    known = permissions.get(permission)
    if known is None:
        return Verdict(False, f"no permission is named {permission}")
    by = known.roles & actor.roles
    if by:
        return Verdict(True, f"as {', '.join(sorted(by))}")
    return Verdict(False, f"{permission} needs one of: {', '.join(sorted(known.roles))}")


_UNBOUNDED = frozenset({"public", "resident", "signed_in"})
"""Permissions that name no role: what they open is bounded by who one is, not by a scope."""


def scope_of(permissions: Mapping[str, Permission], actor: Actor | None, permission: str) -> Scope:
    """How far this actor may use a permission: by each role that has it, where that role holds.

    Source of the rule: security.md, a permission gives its scope; decision 0004.
    """
    if actor is None or actor.kind == "system" or permission in _UNBOUNDED:
        return EVERYTHING
    known = permissions.get(permission)
    if known is None:
        return NOTHING
    by = known.roles & actor.roles
    if by - FILES - PLACES:
        return EVERYTHING
    return Scope(
        files=frozenset().union(*(actor.organisations(role) for role in by & FILES)),
        places=frozenset().union(*(actor.organisations(role) for role in by & PLACES)),
    )
