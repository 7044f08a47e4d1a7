"""A plugin's manifest: what it is, what it adds, what it stands on; what refuses a wrong one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from core.kernel.errors import SeuilError

CONTRACT = 1
"""The version of what a plugin may count on: hooks, contributions, services. A change that breaks
a plugin adds one, and its line to CHANGES."""

OLDEST = 1
"""The oldest contract whose plugins still run here."""

CHANGES: Mapping[int, str] = {
    1: "the first contract: MANIFEST and the hooks of core/extension/hookspecs.py.",
}
"""What each version of the contract asks an author to do."""

RESERVED = frozenset({"core", "kernel", "portal", "admin", "plugins", "tests", "static"})
"""Names that a template, an address or a table of ours has already."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class RegistryError(SeuilError):
    """Something installed cannot be used: named, with what to do. The site does not start."""


@dataclass(frozen=True)
class Need:
    """What must exist before a territory switches the plugin on: shown on the switching page.

    `kind` says what sort of thing: "convention", "deed" (acte), "plugin", "training"…; `label` is
    the French sentence.
    """

    kind: str
    label: str


@dataclass(frozen=True)
class Manifest:
    """What a plugin says of itself, in `plugin.py` as MANIFEST.

    `title` and `purpose` are French msgids, as are the labels of `data` and `needs`. `contract` is
    the CONTRACT it was written for. `depends` are names of plugins whose `service` and `events` it
    may import. `data` lists what it adds as (label, field class). `seen_by` are roles (and
    "resident"). `category` groups plugins on the switching page.
    """

    name: str
    version: str
    title: str
    purpose: str
    contract: int
    depends: tuple[str, ...] = ()
    data: tuple[tuple[str, str], ...] = ()
    seen_by: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    category: str = ""

    @property
    def schema(self) -> str:
        """The PostgreSQL schema of its tables, and of nobody else's."""
        return f"plugin_{self.name}"


def validated(
    manifest: object,
    entry: str,
    *,
    roles: Iterable[str] = (),
    field_classes: Iterable[str] = (),
    where: str = "its plugin.py",
) -> Manifest:
    """The manifest of the plugin installed under `entry`; RegistryError with what to change."""
    if not isinstance(manifest, Manifest):
        raise RegistryError(
            f"{entry}: no MANIFEST of type Manifest in {where}: write "
            "`MANIFEST = Manifest(name=…, version=…, title=…, purpose=…, contract=…)`."
        )
    for fault in _faults(manifest, entry, set(roles), set(field_classes)):
        raise RegistryError(f"{entry}: {fault} (MANIFEST in {where})")
    if not OLDEST <= manifest.contract <= CONTRACT:
        raise RegistryError(f"{entry}: {_contract_fault(manifest)} ({where})")
    return manifest


def _faults(manifest: Manifest, entry: str, roles: set[str], classes: set[str]) -> Iterable[str]:
    for field in fields(Manifest):
        value = getattr(manifest, field.name)
        wanted = {"contract": int}.get(field.name, tuple if field.default == () else str)
        if type(value) is not wanted:
            yield f"`{field.name}` must be of type {wanted.__name__}, not {type(value).__name__}"
            return
    if not _NAME.fullmatch(manifest.name) or manifest.name in RESERVED:
        yield (
            f"the name {manifest.name!r} cannot be used: small letters, digits and _ from a letter "
            f"on, and none of {', '.join(sorted(RESERVED))}"
        )
    if manifest.name != entry:
        yield f"its entry point is {entry!r} and its manifest {manifest.name!r}: make them one"
    for name in ("version", "title", "purpose"):
        if not getattr(manifest, name).strip():
            yield f"`{name}` is empty"
    if manifest.name in manifest.depends:
        yield "it depends on itself: take its name out of `depends`"
    for role in manifest.seen_by:
        if roles and role not in roles:
            yield f"`seen_by` names the role {role!r}, which does not exist: {_one_of(roles)}"
    for one in manifest.data:
        if not (isinstance(one, tuple) and len(one) == 2):
            yield f"`data` holds {one!r}: write (label, field class)"
        elif classes and one[1] not in classes:
            yield f"`data` names the field class {one[1]!r}: {_one_of(classes)}"
    if not all(isinstance(need, Need) for need in manifest.needs):
        yield "`needs` must hold Need(kind, label)"


def _one_of(known: Iterable[str]) -> str:
    return f"one of {', '.join(sorted(known))}"


def _contract_fault(manifest: Manifest) -> str:
    theirs = manifest.contract
    if theirs > CONTRACT:
        return (
            f"it was written for contract {theirs} and this Seuil has contract {CONTRACT}: "
            "update Seuil, or install an older version of the plugin"
        )
    since = "; ".join(f"{n}: {CHANGES[n]}" for n in sorted(CHANGES) if n > theirs)
    return (
        f"it was written for contract {theirs} and this Seuil needs {OLDEST} or newer. What "
        f"changed: {since} Change the plugin accordingly, then the line `contract={theirs}` into "
        f"`contract={CONTRACT}`"
    )


def in_order(manifests: Mapping[str, Manifest]) -> list[str]:
    """Names so that each comes after those it depends on; RegistryError for a lack or a circle."""
    for name, manifest in manifests.items():
        for other in manifest.depends:
            if other not in manifests:
                raise RegistryError(
                    f"{name}: it depends on the plugin {other!r}, which is not installed: install "
                    "it, or take it out of `depends`."
                )
    done: list[str] = []
    under: list[str] = []

    def visit(name: str) -> None:
        if name in done:
            return
        if name in under:
            circle = " → ".join([*under[under.index(name) :], name])
            raise RegistryError(
                f"{name}: plugins depend on each other in a circle ({circle}): one of them must do "
                "without, through events or tags."
            )
        under.append(name)
        for other in sorted(manifests[name].depends):
            visit(other)
        under.pop()
        done.append(name)

    for name in sorted(manifests):
        visit(name)
    return done
