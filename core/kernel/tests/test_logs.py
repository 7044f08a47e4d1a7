"""What the log keeps of an error: where, never with what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from core.kernel import logs


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Iterator[structlog.stdlib.BoundLogger]:
    before = structlog.get_config()
    logs.configure()
    yield structlog.get_logger()
    structlog.configure(**before)


def test_an_error_is_logged_without_its_values(
    log: structlog.stdlib.BoundLogger, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "Zoé Exemple"
    try:
        try:
            raise KeyError(secret)
        except KeyError as cause:
            raise ValueError(f"Key (name)=({secret}) exists") from cause
    except ValueError as error:
        log.exception("a request failed", kind="GET")
        log.error("a request failed", exc_info=error)
    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert "ValueError" in line and "KeyError" in line
        assert "core/kernel/tests/test_logs.py:" in line
    assert "Zoé" not in said.err + said.out
