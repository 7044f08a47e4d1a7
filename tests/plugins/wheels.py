"""A wheel made and installed by hand, as pip does it for pure Python: no network, no build tool."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def make_wheel(project: Path, into: Path) -> Path:
    """The wheel of a project that `seuil plugin new --project` began."""
    described = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    name, version = described["name"].replace("-", "_"), described["version"]
    info = f"{name}-{version}.dist-info"
    entries = "".join(
        f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in lines.items())
        for group, lines in described["entry-points"].items()
    )
    wheel = into / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for package in (p for p in project.iterdir() if (p / "__init__.py").exists()):
            for path in sorted(package.rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    archive.write(path, path.relative_to(project))
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
        archive.writestr(f"{info}/entry_points.txt", entries)
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def install(wheel: Path, target: Path) -> Path:
    """Unpack it into a folder that then goes before `sys.path`."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def run(*arguments: str, target: Path, seconds: float = 900) -> subprocess.CompletedProcess[str]:
    """Run this Python with what is installed in `target`, from a folder that is not the checkout's."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=target,
        env={**os.environ, "PYTHONPATH": str(target), "SEUIL_ENV": "test", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
