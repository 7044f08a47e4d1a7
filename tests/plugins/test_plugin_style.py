"""A plugin's own style sheet: in its layer of each face's one file, and nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from core.extension.contributions import Face
from core.extension.discovery import Plugin
from core.extension.manifest import CONTRACT, Manifest, RegistryError
from core.web.assets import build_assets

SHEET = "/* it's { mine */ .alpha-card { content: '}'; border: 1px solid }"


def styled(folder: Path, css: str) -> dict[str, Plugin]:
    (folder / "static").mkdir()
    (folder / "static" / "portal.css").write_text(css)
    about = Manifest("alpha", "1.0", "Alpha", "Un essai.", CONTRACT)
    return {"alpha": Plugin(about, ModuleType("alpha"), "alpha", folder)}


def faces(folder: Path) -> dict[str, Face]:
    (folder / "own.css").write_text("@layer face { a { color: red } }")
    return {
        name: Face(name, "", folder, [folder / "own.css"], "/", "", "")
        for name in ("portal", "admin")
    }


def test_it_is_a_layer_of_the_face_it_is_for(tmp_path: Path) -> None:
    bare = build_assets(faces(tmp_path))
    made = build_assets(faces(tmp_path), styled(tmp_path, SHEET))
    assert made["portal.css"].body.decode().endswith(f"@layer plugins.alpha {{\n{SHEET}\n}}\n")
    assert made["portal.css"].href != bare["portal.css"].href
    assert made["admin.css"].body == bare["admin.css"].body


@pytest.mark.parametrize(
    ("css", "said"),
    [
        ("@import 'x.css';", "@import"),
        (".a { background: url(https://elsewhere.test/x.png) }", "url("),
        (".a { color: red } } body { display: none", "do not match"),
        (".a { color: red", "do not match"),
        (".a { color: red } /* open", "do not match"),
        (".a { content: 'open }", "do not match"),
        ("@layer core { .a { color: red } }", "@layer"),
    ],
)
def test_what_leaves_its_layer_refuses_to_start(tmp_path: Path, css: str, said: str) -> None:
    with pytest.raises(RegistryError, match=r"alpha: static/portal\.css") as refused:
        build_assets(faces(tmp_path), styled(tmp_path, css))
    assert said in str(refused.value)


def test_a_picture_inside_the_sheet_may_be(tmp_path: Path) -> None:
    css = ".a { background: url('data:image/png;base64,AAAA') }"
    assert css in build_assets(faces(tmp_path), styled(tmp_path, css))["portal.css"].body.decode()
