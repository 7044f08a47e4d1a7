"""Colours of both faces: every pair of text and ground keeps WCAG 2.2 AA contrast, in every scheme.

The style sheets are read as they are served: a colour changed there is measured here.
"""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHEETS = {
    "portal": ["core/static/tokens.css", "portal/static/portal.css"],
    "admin": ["core/static/tokens.css", "admin/static/admin.css"],
}
# Which media queries hold in a scheme; sheets are read in order, later declarations win as in the cascade.
SCHEMES = {
    "light": set(),
    "dark": {"dark"},
    "light, more contrast": {"more"},
    "dark, more contrast": {"dark", "more"},
}
GROUNDS = ["paper", "surface", "sunken"]
TEXT = (
    [(ink, ground) for ink in ("ink", "muted", "accent", "accent-strong") for ground in [*GROUNDS, "accent-soft"]]
    + [(tone, f"{tone}-soft") for tone in ("ok", "info", "warn", "error")]
    + [(tone, ground) for tone in ("ok", "info", "warn", "error") for ground in ("paper", "surface")]
    + [("on-accent", "accent"), ("on-accent", "accent-strong"), ("on-lamp", "lamp-soft")]
    + [("muted", "lamp-soft"), ("ink", "lamp-soft"), ("accent", "lamp-soft")]
)
# Edges of fields, focus rings and the mark of "now" carry meaning: 3:1 against their ground.
SHAPES = [("edge", ground) for ground in GROUNDS] + [("focus", ground) for ground in GROUNDS]


def tokens(face: str, media: set[str]) -> dict[str, str]:
    """Custom properties of `:root` as a browser would compute them under `media`."""
    found: dict[str, str] = {}
    for sheet in SHEETS[face]:
        css = re.sub(r"/\*.*?\*/", "", (ROOT / sheet).read_text(), flags=re.DOTALL)
        for match in re.finditer(r"(@media([^{]*)\{\s*)?:root\s*\{([^}]*)\}", css):
            query = match.group(2) or ""
            if re.search(r"print|forced|pointer|width|height", query.replace("screen", "")):
                continue
            needs = {"dark"} & set(re.findall(r"scheme:\s*(\w+)", query)) | set(re.findall(r"contrast:\s*(\w+)", query))
            if needs <= media:
                found.update(re.findall(r"--([\w-]+):\s*(#[0-9a-f]+)\s*;", match.group(3)))
    return found


def luminance(colour: str) -> float:
    """Relative luminance of `#rgb` or `#rrggbb`, as WCAG 2 defines it."""
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(2 * d for d in digits)
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Ratio from 1 (same colour) to 21 (black on white)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


def test_schemes_differ():
    grounds = {(face, scheme): tokens(face, media)["paper"] for face in SHEETS for scheme, media in SCHEMES.items()}
    assert grounds["portal", "light"] != grounds["admin", "light"]
    assert all(grounds[face, "light"] != grounds[face, "dark"] for face in SHEETS)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("face", SHEETS)
def test_contrast(face: str, scheme: str):
    values = tokens(face, SCHEMES[scheme])
    # With more contrast asked for, text reaches the AAA ratio.
    least = 7 if "more" in scheme else 4.5
    weak = [
        f"{ink} on {ground}: {contrast(values[ink], values[ground]):.2f} < {goal}"
        for pairs, goal in ((TEXT, least), (SHAPES, 3))
        for ink, ground in pairs
        if contrast(values[ink], values[ground]) < goal
    ]
    assert weak == []


def test_the_portal_style_sheet_stays_light():
    """The first visit of a resident is at most 40 KB over the wire; the style sheet takes at most 14 of them."""
    sheet = "".join((ROOT / name).read_text() for name in [SHEETS["portal"][0], "core/static/core.css", SHEETS["portal"][1]])
    assert len(gzip.compress(sheet.encode())) <= 14_000


def test_style_sheets_know_no_left_or_right():
    """Logical properties only: the same sheet serves Arabic and French."""
    physical = r"(?:margin|padding|border|inset|scroll-padding)-(?:left|right)|[;{\s](?:left|right)\s*:|text-align:\s*(?:left|right)|float:\s*(?:left|right)"
    for name in ["core/static/tokens.css", "core/static/core.css", "portal/static/portal.css", "admin/static/admin.css"]:
        assert re.findall(physical, (ROOT / name).read_text()) == [], name
