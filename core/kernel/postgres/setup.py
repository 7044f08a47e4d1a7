"""The folders of the embedded server: made whole or not at all, and refused when not ours."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from pathlib import Path

from core.kernel.postgres.binaries import MAJOR, Runner, ServerError

PORT = 5432  # only a part of the socket's name: nothing listens on TCP

# sun_path holds 108 bytes on Linux, 104 on macOS, the ending zero included.
_LONGEST_SOCKET = 103

_ONE_WAL_SEGMENT = 16 * 1024 * 1024  # bytes


def make_home(home: Path, account: Runner) -> None:
    """Make what is missing of the way to `home`; the rights of what was there are not touched."""
    missing = [part for part in (home, *home.parents) if not part.exists()]
    try:
        for part in reversed(missing):
            part.mkdir()
            if account.switched:
                part.chmod(0o755)
    except OSError as error:
        raise ServerError(
            f"The folder {home} cannot be made ({error.strerror}): "
            "set SEUIL_HOME to a folder that can be written."
        ) from None
    closed = account.closed_to(home)
    if closed is None:
        return
    if account.switched:
        raise ServerError(
            f"As root the database runs as the user `{account.name}`, who may not enter {closed}: "
            "set SEUIL_HOME to a folder it can reach, for example SEUIL_HOME=/var/lib/seuil."
        )
    raise ServerError(f"You may not enter {closed}: set SEUIL_HOME to a folder of your own.")


def socket_dir(home: Path, account: Runner) -> Path:
    """A folder that only we and the server's account enter, with a path short enough.

    It is what makes `trust` safe inside: whoever can open the socket already owns the data.
    """
    folder = home / "run"
    if len(os.fsencode(folder / f".s.PGSQL.{PORT}")) > _LONGEST_SOCKET:
        folder = Path("/tmp") / f"seuil-{hashlib.sha256(str(home).encode()).hexdigest()[:16]}"  # noqa: S108
    try:
        folder.mkdir(mode=0o700)
        if account.switched:
            os.chown(folder, account.uid, account.gid)
    except FileExistsError:
        pass
    except OSError as error:
        raise ServerError(
            f"The folder {folder} cannot be made ({error.strerror}): "
            "free some space, or set SEUIL_HOME to another folder."
        ) from None
    # In a shared folder the name may have been taken by someone else before us.
    what = folder.lstat()
    if not stat.S_ISDIR(what.st_mode) or what.st_uid != account.uid or what.st_mode & 0o077:
        raise ServerError(
            f"{folder} exists and is not the private folder of `{account.name}`: "
            "remove it, or set SEUIL_HOME to another folder."
        )
    return folder


def prepare_data(programs: Path, data: Path, account: Runner, *, durable: bool) -> None:
    """Check the data folder, or make it with its database `seuil` at the first start.

    It is made under another name and renamed at the end: a power cut leaves no half of it.
    """
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        _check(data)
        return
    fresh = data.with_name(data.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        fresh.mkdir(mode=0o700)
        if account.switched:
            os.chown(fresh, account.uid, account.gid)
    except OSError as error:
        raise ServerError(trouble(data.parent, error.strerror or str(error))) from None
    try:
        _initialise(programs, fresh, account, durable)
        if data.exists():
            data.rmdir()
        fresh.rename(data)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _initialise(programs: Path, fresh: Path, account: Runner, durable: bool) -> None:
    command = [
        str(programs / "initdb"),
        f"--pgdata={fresh}",
        "--username=postgres",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",  # the same order and the same upper case on every machine
        "--builtin-locale=C.UTF-8",
        # Whoever reaches the socket is already our user or the server's own (its folder is 0700),
        # and could read the files: a password would guard nothing. TCP is not listened to.
        "--auth-local=trust",
        "--auth-host=reject",
        "--no-instructions",
    ]
    done = account.run(command + ([] if durable else ["--no-sync"]))
    if done.returncode:
        raise ServerError(trouble(fresh.parent, done.stdout))
    single = [str(programs / "postgres"), "--single", "-D", str(fresh)]
    done = account.run(
        [*single, "-c", "exit_on_error=on", "postgres"], input="CREATE DATABASE seuil;\n"
    )
    if done.returncode:
        raise ServerError(trouble(fresh.parent, done.stdout))


def _check(data: Path) -> None:
    """Refuse a folder that this server cannot read, and say whose it is."""
    try:
        version = (data / "PG_VERSION").read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise ServerError(
            f"{data} is not a PostgreSQL data folder: move it away, or set SEUIL_HOME to another "
            "folder."
        ) from None
    if version == str(MAJOR):
        return
    age = "newer" if version.isdigit() and int(version) > MAJOR else "another"
    raise ServerError(
        f"The data in {data} was made by {age} PostgreSQL version ({version}; this is {MAJOR}): "
        "use the program that made it, or set SEUIL_HOME to a new folder and restore a backup."
    )


def trouble(home: Path, said: str) -> str:
    """One sentence out of what PostgreSQL (or the system) said when it could not start."""
    # On a full disk the log cannot be written either: silence and no room mean the same.
    mute = not said.strip() and shutil.disk_usage(home).free < _ONE_WAL_SEGMENT
    if mute or "No space left on device" in said or "Disk quota exceeded" in said:
        return (
            f"The disk that holds {home} is full: free some space, or set SEUIL_HOME to a folder "
            "on another disk; nothing already recorded is lost."
        )
    if "Read-only file system" in said:
        return f"The disk that holds {home} is read-only: set SEUIL_HOME to a folder on another."
    if "ermission denied" in said:
        return (
            f"The database may not read or write its files in {home}: give them back to the user "
            "who made them, or set SEUIL_HOME to another folder."
        )
    if "annot allocate memory" in said or "could not map anonymous shared memory" in said:
        return "There is not enough free memory for the database: close other programs first."
    reasons = [
        line.split(":  ", 1)[-1]
        for line in said.splitlines()
        if any(word in line for word in ("PANIC:", "FATAL:", "error:"))
    ]
    reason = reasons[-1] if reasons else (said.strip().splitlines() or ["no reason given"])[-1]
    return f"The database of {home} did not start ({reason}): read {home / 'pg.log'}."
