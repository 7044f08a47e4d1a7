"""A promise's two sizes: one for every run of the suite, one for the drill."""

from __future__ import annotations

import pytest


def sizes(small: int, full: int) -> pytest.MarkDecorator:
    """Run the test with `size` small, and again full when drills are asked for."""
    return pytest.mark.parametrize(
        "size", [pytest.param(small), pytest.param(full, marks=pytest.mark.drill)]
    )
