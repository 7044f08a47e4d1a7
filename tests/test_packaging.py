"""What is installed and deployed says the same as the code: settings, locks, commands, paths."""

from __future__ import annotations

import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from core.cli import main
from core.kernel.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
VARIABLES = {f.metadata["env"] for f in fields(Settings)}
LOCKS = ("requirements.lock", "requirements-dev.lock")


def named(text: str) -> set[str]:
    """The settings a file sets or asks for (words that look like one of ours)."""
    return set(re.findall(r"\b(SEUIL_[A-Z_]+|DATABASE_URL)\b", text))


def test_the_example_environment_has_every_setting_and_no_other() -> None:
    text = (ROOT / ".env.example").read_text()
    assigned = set(re.findall(r"^([A-Z_]+)=", text, re.MULTILINE))
    assert assigned - {"POSTGRES_PASSWORD"} == VARIABLES


@pytest.mark.parametrize("name", ["docker-compose.yml", "Dockerfile", ".env.example"])
def test_a_deployment_names_only_settings_that_exist(name: str) -> None:
    found = named((ROOT / name).read_text())
    assert found != set()
    assert found - VARIABLES == set()


def test_compose_hands_every_setting_to_the_site() -> None:
    """All but the embedded database's folder and the account that is for migrations alone."""
    text = (ROOT / "docker-compose.yml").read_text().split("\nservices:\n")[0]
    given = set(re.findall(r"^    ([A-Z_]+):", text, re.MULTILINE))
    assert given == VARIABLES - {"SEUIL_HOME", "SEUIL_OWNER_DATABASE_URL"}


def test_the_example_environment_holds_no_secret() -> None:
    text = (ROOT / ".env.example").read_text()
    assert re.search(r"^SEUIL_SECRET_KEY=$", text, re.MULTILINE)


def test_only_the_migration_gets_the_privileged_account() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    holders = [
        name
        for name, body in re.findall(r"^  (\w+):\n((?:    .*\n|\n)+)", text, re.MULTILINE)
        if "SEUIL_OWNER_DATABASE_URL" in body
    ]
    assert holders == ["migrate"]
    site = text.split("\nservices:\n")[0]
    assert "SEUIL_OWNER_DATABASE_URL" not in site


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_of_a_lock_has_a_hash_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "--index" not in text and "--find-links" not in text and "--extra-index" not in text
    pins = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(pins) > 20
    for pin in pins:
        assert re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==[^ ]+", pin), pin[:60]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", pin), pin[:60]


def test_what_tests_run_on_is_what_is_deployed() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([\w.\[\]-]+==[^ ;]+)", (ROOT / name).read_text(), re.MULTILINE))

    assert pins(LOCKS[0]) - pins(LOCKS[1]) == set()


@pytest.mark.parametrize("name", ["docker-compose.yml", "Dockerfile"])
def test_a_deployment_runs_only_commands_that_exist(name: str) -> None:
    text = (ROOT / name).read_text()
    asked = set(re.findall(r'(?:command: seuil |"seuil", ")(\w+)', text))
    assert asked != set()
    assert asked - set(main.commands) == set()


def test_every_command_of_the_makefile_is_promised() -> None:
    text = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert phony is not None
    assert targets == set(phony.group(1).split())


def tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.stdout.split("\0") if name]


def test_no_file_names_a_package_registry() -> None:
    # Written in pieces, or this file would name them too.
    hosts = [
        ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("ghcr", "io"))
    ]
    guilty = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.is_file() and any(host in path.read_text(errors="replace") for host in hosts)
    ]
    assert guilty == []
