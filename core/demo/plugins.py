"""The demonstration's last step: each installed plugin that has something to show."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from core.extension.context import Ctx
from core.extension.manifest import RegistryError
from core.extension.timeline import TimeLine
from core.kernel.words import N_
from core.territories.enabling import enable

WHY = N_("Pour la démonstration")


class _Left(Exception):
    """The plugin has nothing to show in this territory: it stays off."""


async def fill_plugins(ctx: Ctx, seed: str, start: date, telling_from: date) -> list[str]:
    """Switch on each plugin that draws something here, from the first day on, and let it; the
    names of those."""
    drawn: list[str] = []
    impl: Any
    for name in ctx.registry.plugins:
        for impl in ctx.registry.pm.hook.demo_data.get_hookimpls():
            if impl.plugin_name != name or name in ctx.registry.held:
                continue
            try:
                async with ctx.unit() as unit:
                    line = TimeLine(unit, start, unit.today, telling_from)
                    async with line.on(start):
                        await enable(ctx, unit, name, WHY)
                    given: dict[str, Any] = {
                        "ctx": ctx,
                        "unit": unit,
                        "rng": Random(f"{seed} {name}"),
                        "line": line,
                    }
                    if not await impl.function(*(given[a] for a in impl.argnames)):
                        raise _Left
            except _Left:
                continue
            except Exception as error:
                raise RegistryError(
                    f"{name}: demo_data failed in {ctx.place.slug}: {error!r}: mend it, or "
                    "uninstall it."
                ) from error
            drawn.append(name)
    return drawn
