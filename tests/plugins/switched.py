"""Installed plugins of tests, on in a territory and off in the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.app import CORE
from core.extension.context import Ctx
from core.extension.contributions import Obligation
from core.extension.registry import Registry
from core.extension.tunables import number, words
from core.kernel.unit import Unit
from core.territories.queries import load_places
from core.testing import make_plugin


@dataclass(frozen=True)
class Tuned:
    """What the plugin `alpha` lets a territory tune."""

    days: int = number(7, 1, 30, "Délai", unit="jours")
    motto: str = words("", "Devise")


async def two_run(ctx: Ctx, unit: Unit) -> Sequence[Obligation]:
    return (Obligation("%(count)s mesures", 2), Obligation("%(count)s rien", 0))


def installed(**more: Any) -> Registry:
    """`alpha` with what a test gives it, and `beta` that depends on it."""
    plugins = {
        "alpha": make_plugin("alpha", title="Alpha", register_settings=lambda: Tuned, **more),
        "beta": make_plugin("beta", title="Bêta", depends=("alpha",)),
    }
    return Registry.build(CORE, plugins)


def with_registry(ctx: Ctx, registry: Registry, *on: str) -> Ctx:
    place = replace(ctx.place, plugins=frozenset(on))
    return replace(ctx, registry=registry, territory=place)


async def held(ctx: Ctx) -> Ctx:
    """The same context with the place as the database has it now."""
    async with Unit(territory_id=None, clock=ctx.clock) as unit:
        return replace(ctx, territory=(await load_places(unit))[ctx.place.slug])


def nav(ctx: Ctx, face: str) -> Any:
    from core.extension.contributions import NavItem

    return (NavItem("Rubrique alpha", "/alpha", "home.read"),)


def faces() -> dict[str, Any]:
    from core.extension.discovery import FACES, discover

    return dict(discover((FACES,)))
