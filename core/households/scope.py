"""Which households a scope opens, and what of one household: for lists, single reads and acts."""

from __future__ import annotations

from core.extension.permissions import FIELD_CLASSES
from core.extension.visibility import visible
from core.kernel.errors import Denied, NotFound
from core.kernel.unit import Unit

__all__ = ["opens", "readable_classes", "require_class", "visible"]

_TIED = f"SELECT {visible('$1::bigint', '$2', '$3')}"


async def opens(unit: Unit, household_id: int, permission: str) -> bool:
    """Whether the Unit's actor may use a permission on this household.

    No statement is sent for somebody whose right goes everywhere, or nowhere; for the others one,
    once in a Unit.
    """
    over = unit.scope(permission).over_files
    if not over:
        return over is None
    asked = ("household", household_id, tuple(over))
    if asked not in unit.opened:
        if not await unit.value(_TIED, household_id, over, unit.today):
            return False
        unit.opened.add(asked)
    return True


async def readable_classes(unit: Unit, household_id: int) -> frozenset[str]:
    """The classes of fields that the actor may read of a household it has been let into.

    Somebody with two roles may read more of one household than of another. A class whose right
    goes as far as the file's own costs no statement.
    """
    file = unit.scope("households.read")
    known = {file: True}
    found = set()
    for name, permission in FIELD_CLASSES.items():
        scope = unit.scope(permission)
        if scope not in known:
            known[scope] = await opens(unit, household_id, permission)
        if known[scope] and (scope.everything or scope.files):
            found.add(name)
    return frozenset(found)


async def require_class(unit: Unit, household_id: int, field_class: str) -> None:
    """Raise unless the actor may write in this household's file, and fields of that class there."""
    unit.require(FIELD_CLASSES[field_class])
    if not await opens(unit, household_id, "households.write"):
        raise NotFound()
    if not await opens(unit, household_id, FIELD_CLASSES[field_class]):
        raise Denied()
