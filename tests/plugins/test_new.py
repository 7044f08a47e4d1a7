"""`seuil plugin new` writes a plugin that works, with tests that pass, installed as a wheel."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.cli import main
from core.extension.manifest import RegistryError
from tests.plugins.wheels import ROOT, install, make_wheel, run

COMMAND = ("-c", "from core.cli import main; main()")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel of a new plugin in it: `essai_neuf`."""
    home = tmp_path_factory.mktemp("new")
    said = CliRunner().invoke(
        main, ["plugin", "new", "essai_neuf", "--project", str(home / "p"), "--title", "Essai neuf"]
    )
    assert said.exit_code == 0, said.output
    assert f"pytest {home / 'p'}" in said.output
    return install(make_wheel(home / "p", home), home / "site")


def test_nothing_of_the_skeleton_s_name_remains(installed: Path) -> None:
    files = [p for p in installed.rglob("*") if p.is_file()]
    assert len(files) > 20
    left = [p.name for p in files if "skeleton" in p.name or "skeleton" in p.read_text()]
    assert left == []


def test_it_is_discovered_and_has_nothing_to_mend(installed: Path) -> None:
    listed = run(*COMMAND, "plugin", "list", target=installed)
    assert "essai_neuf" in listed.stdout and "Essai neuf: Noter" in listed.stdout, listed.stderr
    checked = run(*COMMAND, "plugin", "check", "essai_neuf", target=installed)
    assert (checked.returncode, checked.stdout) == (0, "Nothing to mend.\n"), checked.stderr


def test_its_own_tests_pass(installed: Path) -> None:
    """The real thing: another process, its tables migrated, its pages asked for."""
    tests = installed / "seuil_essai_neuf" / "tests"
    options = ("-p", "core.testing", "-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto")
    loops = [f"asyncio_default_{what}_loop_scope=session" for what in ("fixture", "test")]
    loop_options = [part for loop in loops for part in ("-o", loop)]
    done = run("-m", "pytest", *options, *loop_options, str(tests), target=installed)
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout and "skipped" not in done.stdout


def test_its_models_and_migrations_agree(installed: Path) -> None:
    done = run(*COMMAND, "check", target=installed)
    assert done.returncode == 0, done.stderr


def test_it_keeps_the_contract_of_every_plugin(installed: Path) -> None:
    """The suite that runs over what is installed runs over this one too."""
    options = (
        "-p",
        "no:cacheprovider",
        "-q",
        "--rootdir",
        str(ROOT),
        "-c",
        f"{ROOT}/pyproject.toml",
    )
    done = run("-m", "pytest", *options, str(ROOT / "tests" / "contract"), target=installed)
    assert done.returncode == 0, done.stdout[-3000:]
    listed = run(
        "-m", "pytest", *options, "--collect-only", str(ROOT / "tests" / "contract"),
        target=installed,
    )  # fmt: skip
    assert "essai_neuf" in listed.stdout


# -- in the checkout -------------------------------------------------------------------------------


def test_in_a_checkout_it_goes_to_plugins_with_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    before = (tmp_path / "pyproject.toml").read_text()
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(main, ["plugin", "new", "essai"])
    assert said.exit_code == 0, said.output
    added = set((tmp_path / "pyproject.toml").read_text().splitlines()) - set(before.splitlines())
    assert added == {'essai = "plugins.essai.plugin"'}
    assert "from plugins.essai import" in (tmp_path / "plugins/essai/plugin.py").read_text()
    for path in tmp_path.rglob("*.py"):
        ast.parse(path.read_text())
    again = CliRunner().invoke(main, ["plugin", "new", "essai"])
    assert again.exit_code == 1 and "exists already: nothing was written" in again.output


@pytest.mark.parametrize("name", ["Essai", "portal", "skeleton", "1er", "à"])
def test_a_name_that_cannot_be_used(name: str, tmp_path: Path) -> None:
    said = CliRunner().invoke(main, ["plugin", "new", name, "--project", str(tmp_path / "p")])
    assert said.exit_code == 1 and "cannot be the name of a plugin" in said.output
    assert not (tmp_path / "p").exists()


def test_outside_a_checkout_it_asks_for_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(main, ["plugin", "new", "essai"])
    assert said.exit_code == 1 and "--project" in said.output
    assert RegistryError.__name__ not in said.output


# -- broken ones -----------------------------------------------------------------------------------


def test_a_broken_installation_is_one_line_with_the_plugin_s_name(
    installed: Path, tmp_path: Path
) -> None:
    """What is wrong is said by name, and the commands that mend it still run."""
    site = tmp_path / "site"
    shutil.copytree(installed, site)
    module = site / "seuil_essai_neuf" / "plugin.py"
    module.write_text(module.read_text().replace("def nav_items", "def nav_item"))
    listed = run(*COMMAND, "plugin", "list", target=site)
    assert listed.returncode == 1
    assert listed.stderr == (
        "Error: essai_neuf: no hook is named nav_item: did you mean nav_items?\n"
    )
    assert "migrate" in run(*COMMAND, "--help", target=site).stdout
