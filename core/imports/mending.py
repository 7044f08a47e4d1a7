"""Lines whose cells do not line up: a separator inside an unquoted cell, cells cut off the end.

Too many cells are joined back where the joined and the remaining cells fit their columns best.
When two ways fit equally well nobody is guessed: the line is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.imports.problems import Problem

Fits = Callable[[str], bool]
EXTRA_LIMIT = 8
_MISFIT = 3.0
_JOIN = 1.0
_SPACED = 0.2  # "Strasbourg; rue du Port": prose puts a blank after the mark, separators have none
_CERTAIN = 0.5


def line_up(
    cells: list[str], fits: Sequence[Fits | None], separator: str, needed: int
) -> tuple[list[str] | None, Problem | None]:
    """The cells in their columns, with the problem to tell; None when they cannot be trusted.

    `fits[i]` says whether a text belongs in column i (None: any text does). `needed` is how many
    leading columns a short line must reach.
    """
    width = len(fits)
    if len(cells) == width:
        return cells, None
    at_home = all(
        fit is None or not cell or fit(cell) for cell, fit in zip(cells, fits, strict=False)
    )
    if at_home and not any(cell.strip() for cell in cells[width:]) and len(cells) > width:
        return cells[:width], None  # separators to spare at the end of the line
    if len(cells) < width:
        missing = width - len(cells)
        if len(cells) >= needed and at_home:
            return cells + [""] * missing, Problem("short_line")
        return None, Problem("too_few_cells", {"cells": len(cells), "width": width})
    refused = Problem("too_many_cells", {"cells": len(cells), "width": width})
    if len(cells) - width > EXTRA_LIMIT:
        return None, refused
    best = _best_joins(cells, fits, separator)
    if not best or best[0][0] >= _MISFIT + (len(cells) - width):
        return None, refused
    if len(best) > 1 and best[1][0] - best[0][0] < _CERTAIN:
        return None, refused
    return best[0][1], Problem("separator_in_cell")


def _best_joins(
    cells: list[str], fits: Sequence[Fits | None], separator: str
) -> list[tuple[float, list[str]]]:
    """The two cheapest ways to make `len(fits)` cells, cheapest first."""
    width, extra = len(fits), len(cells) - len(fits)
    # ways[used] = best two (cost, cells) after the columns so far took `used` cells
    ways: dict[int, list[tuple[float, list[str]]]] = {0: [(0.0, [])]}
    for column in range(width):
        fit = fits[column]
        after: dict[int, list[tuple[float, list[str]]]] = {}
        for used, options in ways.items():
            for take in range(1, extra - (used - column) + 2):
                if used + take > len(cells):
                    break
                joined = separator.join(cells[used : used + take])
                cost = 0.0
                for part in cells[used + 1 : used + take]:
                    cost += _SPACED if part[:1] in " \xa0" and part.strip() else _JOIN
                if take == 1 and joined[:1] == " ":
                    cost += 0.5  # what begins with a blank most often belongs to the cell before
                if fit is not None and joined.strip() and not fit(joined):
                    cost += _MISFIT
                for price, done in options:
                    after.setdefault(used + take, []).append((price + cost, [*done, joined]))
        ways = {
            used: sorted(options, key=lambda one: one[0])[:2] for used, options in after.items()
        }
    return ways.get(len(cells), [])
