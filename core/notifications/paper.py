"""Letters on paper: what was kept, laid out as a tagged PDF (PDF/UA-1) by typst, with its fonts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import structlog
import typst

from core.kernel.errors import SeuilError
from core.notifications.content import lines_of

log = structlog.get_logger()

TEMPLATE = Path(__file__).parent / "letter.typ"
FONTS = {"Latin, Greek, Cyrillic": "fontpkg_noto_sans", "Arabic": "fontpkg_noto_sans_arabic"}
"""The packages that bring the letters' fonts, by what they write."""


class NotPrinted(SeuilError):
    """A letter that could not be laid out."""


def font_folders() -> list[str]:
    """Where the fonts are; those of a package that is not installed are missing."""
    found = []
    for package in FONTS.values():
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            found.append(str(Path(spec.origin).parent / "files"))
    return found


def faults() -> list[str]:
    """What is missing for letters to be printed here, for `seuil doctor`."""
    missing = [f"font: {what} ({p})" for what, p in FONTS.items() if find_spec(p) is None]
    sample = {
        "version": 1, "on": "2026-01-01", "to": {"name": "A", "address": ""},
        "from": {"team": "", "sender": ""},
        "parts": [{"lang": "fr", "dir": "ltr", "title": "Essai", "hello": "é", "blocks": [],
                   "foot": ["مرحبا", "Привіт"]}],
    }  # fmt: skip
    if not missing:
        try:
            _pdf([sample], "Essai", cover=True)
        except NotPrinted as error:
            missing.append(f"typst: {error}")
    return missing


def _shaped(content: Mapping[str, Any], cover: bool) -> dict[str, Any]:
    """What the template reads of a kept letter."""
    on = date.fromisoformat(content["on"])
    return {
        **content,
        "cover": cover,
        "day": [content.get("day") or on.strftime("%d/%m/%Y")],
        "to": {**content["to"], "lines": lines_of(content["to"]["address"])},
    }


def _pdf(contents: Sequence[Mapping[str, Any]], title: str, *, cover: bool) -> bytes:
    given = json.dumps([_shaped(one, cover) for one in contents], ensure_ascii=False)
    inputs = {"letters": given, "title": title}
    # A sign that none of our fonts has must not keep a letter from leaving: then the machine's own
    # fonts are looked at, and at last the sign is left as a box.
    attempts: list[tuple[bool, Literal["ua-1"] | None]]
    attempts = [(True, "ua-1"), (False, "ua-1"), (False, None)]
    for ours, standard in attempts:
        try:
            return bytes(
                typst.compile(
                    str(TEMPLATE),
                    format="pdf",
                    font_paths=[*font_folders()],
                    ignore_system_fonts=ours,
                    sys_inputs=inputs,
                    pdf_standards=standard,
                )
            )
        except typst.TypstError as error:
            # Its words may quote the letter: only how far it went is logged.
            log.warning("letter: laid out otherwise", fonts=ours, tagged=bool(standard))
            last = type(error).__name__
    raise NotPrinted(last)


async def pdf(contents: Sequence[Mapping[str, Any]], title: str, *, cover: bool = True) -> bytes:
    """Kept letters as one file, each on a sheet of its own, beside the event loop.

    `cover`: each begins with the page that an envelope's window shows. `title` is the document's
    own: it names nobody.
    """
    return await asyncio.to_thread(_pdf, contents, title, cover=cover)
