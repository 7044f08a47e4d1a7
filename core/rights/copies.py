"""A person's copy: every section of core and each plugin's share, for whoever may read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.extension.context import Ctx
from core.extension.duties import export_of
from core.extension.permissions import FIELD_CLASSES
from core.kernel.unit import Unit
from core.rights.file_sections import FILE
from core.rights.own_sections import OWN
from core.rights.sections import Section, in_words

SECTIONS = (*OWN[:2], FILE[0], *OWN[2:], *FILE[1:])

Reader = Callable[[str], bool]
"""Whether who reads has a permission; the person has all of them over what is theirs."""


def anybody(permission: str) -> bool:
    """The person reads all that is theirs."""
    return True


@dataclass(frozen=True)
class Copy:
    """All that is held of a person here. Titles and keys are French msgids, dates are dates.

    `left_out`: sections (or extensions) of which something is not in this copy because the one who
    reads may not read it. `unread`: extensions whose share could not be read.
    """

    ref: str
    name: str
    made_at: datetime
    sections: tuple[tuple[str, list[dict[str, Any]]], ...]
    plugins: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


async def copy_of(ctx: Ctx, unit: Unit, person_id: int, may: Reader = anybody) -> Copy:
    """The copy, in as many statements as there are sections, whatever they hold.

    A class of fields that the reader may not read is left out, and that is said: an administrator
    hands out a copy without reading somebody's health.
    """
    row = await unit.row("SELECT ref, given_name, family_name FROM person WHERE id = $1", person_id)
    assert row is not None
    sections, left_out = [], []
    for section in SECTIONS:
        rows = await _rows(unit, section, person_id)
        mine = [r for r in rows if may(_reader(section, r))]
        if len(mine) < len(rows):
            left_out.append(section.title)
        if mine:
            sections.append((section.title, [in_words(section.columns, r) for r in mine]))
    found = await export_of(ctx, unit, person_id)
    plugins = {}
    for name, held in found.held.items():
        manifest = ctx.registry.manifest(name)
        if all(may(FIELD_CLASSES.get(kind, "")) for _, kind in manifest.data):
            plugins[manifest.title] = held
        else:
            left_out.append(manifest.title)
    return Copy(
        row["ref"],
        f"{row['given_name']} {row['family_name']}".strip(),
        unit.now,
        tuple(sections),
        plugins,
        tuple(left_out),
        tuple(ctx.registry.manifest(name).title for name in found.missing),
    )


async def _rows(unit: Unit, section: Section, person_id: int) -> list[Any]:
    bound = (person_id, unit.today)[: 2 if "$2" in section.sql else 1]
    return await unit.fetch(section.sql, *bound)


def _reader(section: Section, row: Mapping[str, Any]) -> str:
    return section.reader or FIELD_CLASSES.get(row["class"], "")
