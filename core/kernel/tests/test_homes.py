"""A checkout in a folder that only root enters still has a database; a chosen home stays put."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from core.kernel.postgres import data_home
from core.kernel.postgres.homes import DEFAULT, SYSTEM


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another account")
def test_the_default_moves_out_of_a_closed_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as closed:
        monkeypatch.chdir(closed)
        moved = data_home(DEFAULT)
        assert moved.parent == SYSTEM
        assert moved == data_home(DEFAULT)
        assert data_home(Path(closed) / "mine") == Path(closed) / "mine"
        monkeypatch.chdir("/")


def test_the_default_stays_in_an_open_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert data_home(DEFAULT) == DEFAULT
