"""What every installed plugin owes a person, on or off here: all that it holds, and its erasure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from core.extension.context import Ctx
from core.kernel.errors import Refused
from core.kernel.trace import trace
from core.kernel.unit import Unit
from core.kernel.words import N_

log = structlog.get_logger()

NOT_ERASED = N_(
    "« %(plugin)s » n’a pas pu effacer sa part : rien n’est effacé. Prévenez la personne qui "
    "administre le serveur."
)


@dataclass
class Exports:
    """What plugins hold of a person, by their names; `missing`: whose share could not be read."""

    held: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


async def export_of(ctx: Ctx, unit: Unit, person_id: int) -> Exports:
    """What each plugin holds of a person here, on or off; those that hold nothing left out.

    One that fails, or is held out, is named: a copy that lacks a part without saying so would be
    a lie.
    """
    found = Exports()
    for name, impl in _impls(ctx, "export_personal_data"):
        if name in ctx.registry.held:
            found.missing.append(name)
            continue
        try:
            async with unit.savepoint():
                answer = await impl.function(*_given(impl, ctx, unit, person_id))
                if not isinstance(answer, Mapping):
                    raise TypeError("export_personal_data must give a mapping")
        except Exception as error:
            log.error("hook failed", hook="export_personal_data", plugin=name, **trace(error))
            found.missing.append(name)
            continue
        if answer:
            found.held[name] = answer
    return found


async def erase_of(ctx: Ctx, unit: Unit, person_id: int) -> None:
    """Have every plugin erase a person here, in the caller's transaction: all of them, or none.

    Those that depend on another come before it. Raises Refused, naming the plugin that failed or
    whose tables are not of its version.
    """
    for name, impl in reversed(_impls(ctx, "erase_personal_data")):
        try:
            if name in ctx.registry.held:
                raise RuntimeError(ctx.registry.held[name])
            await impl.function(*_given(impl, ctx, unit, person_id))
        except Exception as error:
            log.error("hook failed", hook="erase_personal_data", plugin=name, **trace(error))
            title = ctx.registry.manifest(name).title
            raise Refused(NOT_ERASED, plugin=title) from error


def _impls(ctx: Ctx, hook: str) -> list[tuple[str, Any]]:
    """Who answers a duty, each after those it depends on."""
    every = getattr(ctx.registry.pm.hook, hook).get_hookimpls()
    return [(impl.plugin_name, impl) for impl in every if impl.plugin_name in ctx.registry.plugins]


def _given(impl: Any, ctx: Ctx, unit: Unit, person_id: int) -> tuple[Any, ...]:
    given: dict[str, Any] = {"ctx": ctx, "unit": unit, "person_id": person_id}
    return tuple(given[name] for name in impl.argnames)
