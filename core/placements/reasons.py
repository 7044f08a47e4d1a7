"""The shipped refusal reasons: a proposal that each territory may change, checked as it loads."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from core.placements.rules import AUTHORS, CHRS_GROUNDS, Author, RefusalReason


@cache
def shipped_reasons() -> tuple[RefusalReason, ...]:
    """All shipped reasons, in the order to show them; a bad file is refused at start."""
    raw = files("core.placements").joinpath("data/refusal_reasons.json").read_text("utf-8")
    reasons = tuple(RefusalReason(**item) for item in json.loads(raw)["items"])
    keys = [(r.author, r.code) for r in reasons]
    twice = {key for key in keys if keys.count(key) > 1}
    if twice:
        raise ValueError(f"refusal reasons written twice: {sorted(twice)}")
    if {r.author for r in reasons} != set(AUTHORS):
        raise ValueError("each author needs at least one refusal reason")
    return reasons


def reasons_of(author: Author, programme_kind: str | None = None) -> tuple[RefusalReason, ...]:
    """What this author may choose from; a CHRS sees only what the law lets it invoke."""
    chosen = (r for r in shipped_reasons() if r.author == author)
    if author == "structure" and programme_kind == "chrs":
        chosen = (r for r in chosen if r.code in CHRS_GROUNDS)
    return tuple(chosen)


def class_of(author: str, code: str | None) -> str:
    """The class of what a refusal for this reason tells: a territory rewords, the code stays."""
    return next(
        (r.field_class for r in shipped_reasons() if (r.author, r.code) == (author, code)), "social"
    )


def reason(author: Author, code: str) -> RefusalReason:
    """One reason; `KeyError` when this author has none of that code."""
    for known in shipped_reasons():
        if (known.author, known.code) == (author, code):
            return known
    raise KeyError((author, code))
