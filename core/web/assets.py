"""Static files: each face's style sheet made into one immutable file, htmx from its package."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from core.extension.contributions import Face
from core.extension.discovery import Plugin
from core.extension.manifest import RegistryError

CORE_STATIC = Path(__file__).parent.parent / "static"
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """One file as it is served: its address holds its digest, so it never changes."""

    name: str
    digest: str
    media_type: str
    body: bytes
    zipped: bytes

    @property
    def href(self) -> str:
        return f"/static/{self.digest}/{self.name}"

    @classmethod
    def of(cls, name: str, body: bytes) -> Asset:
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        media_type = media_type.replace("application/javascript", "text/javascript")
        digest = hashlib.sha256(body).hexdigest()[:16]
        return cls(name, digest, media_type, body, gzip.compress(body, 9, mtime=0))


_FOREIGN = re.compile(
    r"@import|@charset|@layer|url\(\s*+[\"']?+(?!data:image/)|</|expression\(", re.IGNORECASE
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")


def plugin_style(plugin: Plugin, face: str) -> bytes:
    """A plugin's own `static/FACE.css` in its layer, above those of the face; b"" without one.

    RegistryError for what would leave the layer or fetch from elsewhere.
    """
    path = plugin.path / "static" / f"{face}.css" if plugin.path else None
    if path is None or not path.is_file():
        return b""
    text = path.read_text(encoding="utf-8")
    plain = _COMMENT.sub("", text)
    where = f"{plugin.name}: static/{path.name}"
    if found := _FOREIGN.search(plain):
        raise RegistryError(
            f"{where} holds {found.group().strip()!r}: a plugin's style is plain rules, with "
            "nothing imported or fetched."
        )
    if not _closed(_STRING.sub("", plain)):
        raise RegistryError(f"{where}: its braces, quotes or comments do not match.")
    return f"@layer plugins.{plugin.name} {{\n{text}\n}}\n".encode()


def _closed(plain: str) -> bool:
    """Whether every brace is closed in its turn, and no quote or comment stays open."""
    depth = 0
    for sign in re.findall(r"[{}\"']|/\*", plain):
        depth += {"{": 1, "}": -1}.get(sign, -1000)
        if depth < 0:
            return False
    return depth == 0


def build_assets(
    faces: Mapping[str, Face], plugins: Mapping[str, Plugin] | None = None
) -> dict[str, Asset]:
    """name -> asset: `portal.css`, `admin.css`, `core.css`, `htmx.js`, `seuil.js`, icons.

    Each face's sheet is core's, its own, then those of the installed plugins, in their layers.
    """
    core_css = [CORE_STATIC / "tokens.css", CORE_STATIC / "core.css"]
    found: dict[str, Asset] = {}

    def add(name: str, body: bytes) -> None:
        found[name] = Asset.of(name, body)

    add("core.css", b"\n".join(p.read_bytes() for p in core_css))
    for face in faces.values():
        sheets = [*core_css, *face.stylesheets]
        styles = [Path(p).read_bytes() for p in sheets]
        styles += [plugin_style(plugin, face.name) for plugin in (plugins or {}).values()]
        add(f"{face.name}.css", b"\n".join(style for style in styles if style))
    htmx = files("js_lib_htmx") / "static" / "htmx" / "htmx.min.js"
    add("htmx.js", htmx.read_bytes())
    for path in sorted(CORE_STATIC.iterdir()):
        if path.suffix in (".js", ".svg"):
            add(path.name, path.read_bytes())
    return found


@get(
    "/static/{digest:str}/{name:str}",
    # Zipped once at start, and the same for everybody: no cookie, no second compression.
    opt={"permission": "public", "exclude_from_csrf": True, "zipped": True},
    sync_to_thread=False,
)
def serve_asset(
    request: Request[Any, Any, Any], digest: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """One static file; an address with another digest is not found."""
    asset: Asset | None = request.app.state.assets.get(name)
    if asset is None or asset.digest != digest:
        raise NotFoundException()
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    body = asset.body
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = asset.zipped
    return Response(body, media_type=asset.media_type, headers=headers)
