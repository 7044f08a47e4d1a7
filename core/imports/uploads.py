"""Files that people sent, kept while they are checked and imported: random names, for one owner.

Beside each file stands what is known of it (mapping, report of the check, progress): a check
must leave the base untouched, and the process that reads is not the one that shows.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from core.imports.runs import Done, Opener
from core.imports.service import run_import
from core.kernel.errors import NotFound
from core.kernel.words import N_

KEPT_DAYS = 30
LIMIT = 50_000_000
"""Bytes of a file sent by a browser: some 150,000 lines. Larger ones go through the command."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass
class Upload:
    """A file that was sent. state: sent, checking, checked, refused, importing, failed."""

    token: str
    territory_id: int
    name: str
    account_id: int | None
    state: str = "sent"
    mapping: dict[str, Any] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    phase: str = ""
    done: int = 0
    total: int = 0
    touched: float = 0.0
    """When the reading process last wrote here: a check that stays silent has died."""

    @property
    def alive(self) -> bool:
        return time.time() - self.touched < 60


class Uploads:
    """The folder of uploads of an installation."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "uploads"

    def path(self, token: str) -> Path:
        """Where the file itself lies. Raises NotFound for what is not a token."""
        if not _TOKEN.fullmatch(token):
            raise NotFound()
        return self.folder / f"{token}.csv"

    def keep(self, data: bytes, name: str, territory_id: int, account_id: int | None) -> Upload:
        """Write a new file that only its owner reads, and clear away those that are too old."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.clear()
        upload = Upload(secrets.token_urlsafe(16), territory_id, name[:200], account_id)
        _write(self.path(upload.token), data)
        self.save(upload)
        return upload

    def save(self, upload: Upload) -> None:
        """Replace what is known of a file, at once: a reader never meets half of it."""
        upload.touched = time.time()
        target = self.path(upload.token).with_suffix(".json")
        beside = target.with_suffix(f".{os.getpid()}.part")
        _write(beside, msgspec.json.encode(asdict(upload)))
        beside.replace(target)

    def find(self, token: str, territory_id: int) -> Upload:
        """An upload of this territory; raises NotFound."""
        path = self.path(token).with_suffix(".json")
        try:
            upload = Upload(**msgspec.json.decode(path.read_bytes()))
        except FileNotFoundError:
            raise NotFound(N_("Ce fichier n’est plus gardé.")) from None
        if upload.territory_id != territory_id:
            raise NotFound()
        return upload

    def clear(self, days: int = KEPT_DAYS) -> int:
        """Remove what is older than that many days. Returns how many files went."""
        gone = 0
        for path in self.folder.glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > days * 86_400:
                    path.unlink()
                    gone += 1
        return gone


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)


async def check(open_unit: Opener, uploads: Uploads, upload: Upload) -> Done:
    """Read an upload and compare it with the base, writing nothing there."""
    upload.state = "checking"
    uploads.save(upload)
    done = await run_import(
        open_unit, uploads.path(upload.token), dry_run=True, file_name=upload.name,
        mapping=upload.mapping or None, progress=_teller(uploads, upload),
    )  # fmt: skip
    upload.report = done.report.to_dict()
    upload.state = done.state
    uploads.save(upload)
    return done


async def bring_in(open_unit: Opener, uploads: Uploads, upload: Upload) -> Done:
    """Import an upload that was checked, or take up again where a stopped run was."""
    return await run_import(
        open_unit, uploads.path(upload.token), file_name=upload.name,
        mapping=upload.mapping or None, stored_as=upload.token,
        progress=_teller(uploads, upload),
    )  # fmt: skip


def _teller(uploads: Uploads, upload: Upload) -> Callable[[str, int, int], None]:
    last = 0.0

    def tell(phase: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > 0.5:
            upload.phase, upload.done, upload.total = phase, done, total
            uploads.save(upload)
            last = time.monotonic()

    return tell
