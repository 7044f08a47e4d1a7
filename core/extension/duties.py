"""What every installed plugin owes a person, on or off here: all that it holds, and its erasure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.extension.context import Ctx
from core.kernel.unit import Unit


async def export_of(ctx: Ctx, unit: Unit, person_id: int) -> dict[str, Mapping[str, Any]]:
    """What each plugin holds of a person here, by its name; those that hold nothing left out.

    An error raises: an export that lacks a part without saying so would be a lie.
    """
    found: dict[str, Mapping[str, Any]] = {}
    impl: Any
    for impl in ctx.registry.pm.hook.export_personal_data.get_hookimpls():
        given: dict[str, Any] = {"ctx": ctx, "unit": unit, "person_id": person_id}
        answer = await impl.function(*(given[name] for name in impl.argnames))
        if not isinstance(answer, Mapping):
            raise TypeError(f"{impl.plugin_name}: export_personal_data must give a mapping")
        if answer:
            found[impl.plugin_name] = answer
    return found


async def erase_of(ctx: Ctx, unit: Unit, person_id: int) -> None:
    """Have every plugin erase a person here, in one transaction: all of them, or none."""
    given: dict[str, Any] = {"ctx": ctx, "unit": unit, "person_id": person_id}
    impl: Any
    for impl in ctx.registry.pm.hook.erase_personal_data.get_hookimpls():
        await impl.function(*(given[name] for name in impl.argnames))
