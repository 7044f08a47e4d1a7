"""Save a database to one file and bring it back, whole or not at all.

Both use the programs that come with the embedded server, on it or on any other PostgreSQL. The
file is pg_dump's custom format: policies, owners and rights are in it, passwords of roles are not.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from core.kernel.errors import Trouble
from core.kernel.postgres.binaries import environment, shipped


class BackupError(Trouble):
    """A backup or a restoration that did not happen; one sentence, and nothing was changed."""


# What a connection's address may say besides its obvious parts, and how libpq reads it from the
# environment: a password on a command line would show in the list of processes.
_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "channel_binding": "PGCHANNELBINDING",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}

_OUTSIDE_THE_SYSTEM = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"

_EMPTY = f"""
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND {_OUTSIDE_THE_SYSTEM}
"""  # noqa: S608

# A dump leaves out the making of `public`, which it expects as a new database has it.
_CLEAR = f"""
SET client_min_messages = warning;
DO $clear$
DECLARE name text;
BEGIN
  FOR name IN SELECT n.nspname FROM pg_namespace n WHERE {_OUTSIDE_THE_SYSTEM} LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', name);
  END LOOP;
END $clear$;
CREATE SCHEMA public;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""  # noqa: S608


def connection(url: str) -> dict[str, str]:
    """The environment in which PostgreSQL's programs reach the database of that address."""
    parts = urlsplit(url)
    said = dict(parse_qsl(parts.query))
    said |= {
        name: unquote(value)
        for name, value in (
            ("host", parts.hostname or ""),
            ("port", str(parts.port or "")),
            ("user", parts.username or ""),
            ("password", parts.password or ""),
            ("dbname", parts.path.lstrip("/")),
        )
        if value
    }
    known = {_VARIABLES[name]: value for name, value in said.items() if name in _VARIABLES}
    # Passwords kept in the usual file still serve; notices stay in English for our messages.
    home = {"HOME": os.environ["HOME"]} if "HOME" in os.environ else {}
    return {**environment(), **home, "PGAPPNAME": "seuil-db", **known}


def back_up(url: str, file: Path) -> int:
    """Write the database to a new file that only its owner can read; returns its bytes."""
    if file.exists():
        raise BackupError(f"{file} exists already: give the backup another name.")
    part = file.with_name(file.name + ".part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise BackupError(f"{part} cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(descriptor, "wb") as out:
            done = subprocess.run(
                [str(shipped() / "pg_dump"), "--format=custom", "--no-password"],
                stdout=out,
                stderr=subprocess.PIPE,
                env=connection(url),
                check=False,
            )
            out.flush()
            os.fsync(out.fileno())
        if done.returncode:
            raise BackupError(f"The backup failed: {_reason(done.stderr)}.")
        part.rename(file)
        return file.stat().st_size
    finally:
        part.unlink(missing_ok=True)


def check_file(file: Path) -> None:
    """Refuse what is not a backup before anything is touched."""
    if not file.is_file():
        raise BackupError(f"There is no file {file}.")
    listing = _run([str(shipped() / "pg_restore"), "--list", str(file)], environment())
    if listing.returncode:
        raise BackupError(f"{file} is not a backup made by `seuil db backup`, or is damaged.")


def is_empty(url: str) -> bool:
    """Whether the database holds no table, view or sequence of ours."""
    asked = _run([*_psql(), "--tuples-only", "--no-align", f"--command={_EMPTY}"], connection(url))
    if asked.returncode:
        raise BackupError(f"The database cannot be read: {_reason(asked.stderr)}.")
    return asked.stdout.strip() == b"0"


def restore(url: str, file: Path) -> None:
    """Put the backup in the place of all that the database holds, in one transaction.

    The roles named in it must exist. A damaged file or a full disk leaves things as they were.
    """
    check_file(file)
    with (
        subprocess.Popen(
            [str(shipped() / "pg_restore"), "--file=-", str(file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        ) as reader,
        subprocess.Popen(
            _psql(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=connection(url),
        ) as writer,
    ):
        assert reader.stdout and reader.stderr and writer.stdin and writer.stderr
        try:
            writer.stdin.write(b"BEGIN;\n" + _CLEAR.encode())
            while block := reader.stdout.read(1 << 16):
                writer.stdin.write(block)
            # Only a file read to its end is committed; otherwise the connection's end rolls back.
            read = reader.wait() == 0
            if read:
                writer.stdin.write(b"\nCOMMIT;\n")
            writer.stdin.close()
        except BrokenPipeError:
            reader.kill()
            read = True  # the fault is the writer's
            with suppress(BrokenPipeError):
                writer.stdin.close()
        reason = writer.stderr.read()
        wrote = writer.wait() == 0
        if not read:
            reason = reader.stderr.read()
    if not (read and wrote):
        raise BackupError(f"The restoration failed, nothing was changed: {_reason(reason)}.")


def _psql() -> list[str]:
    # Without --no-psqlrc a person's own settings could change what the script does.
    return [
        str(shipped() / "psql"),
        "--no-psqlrc",
        "--no-password",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
    ]


def _run(command: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command, capture_output=True, stdin=subprocess.DEVNULL, env=variables, check=False
    )


def _reason(said: bytes) -> str:
    """The first complaint of PostgreSQL's programs, without their name, values or line breaks."""
    text = said.decode(errors="replace")
    if "row-level security" in text or "permission denied" in text:
        return (
            "this account does not own the database, "
            "set SEUIL_OWNER_DATABASE_URL to the account that does"
        )
    lines = [line for line in text.splitlines() if "rror:" in line or "ERROR:" in line]
    first = (lines or text.splitlines() or ["no reason given"])[0]
    return first.rsplit("rror: ", 1)[-1].split("ERROR:  ", 1)[-1].strip().rstrip(".")
