"""What goes wrong is logged without anybody's data, and shown with a reference to quote."""

from __future__ import annotations

import re

import asyncpg
import pytest
from litestar import get
from litestar.response import Response

from core.app import create_app
from core.extension.context import Ctx
from core.extension.registry import discover
from core.kernel.settings import Settings
from core.kernel.trace import trace
from core.testing import make_plugin, turn_on, visitor
from core.web.flash import seal, unseal
from core.web.visit import Visiting


def register_routers(face: str) -> tuple[object, ...]:
    """A page that fails with a person's name at hand."""

    @get("/casse", opt={"permission": "public"})
    async def broken(visit: Visiting) -> Response[str]:
        secret = "Awa Diallo"
        raise RuntimeError(f"cannot show {secret}")

    return (broken,) if face == "admin" else ()


def reading_routers(face: str) -> tuple[object, ...]:
    """Pages that write while they are read: one that says so, one that does not."""

    async def keep(visit: Visiting) -> Response[str]:
        async with visit.ctx.unit() as unit:
            await unit.fetch("INSERT INTO household (ref) VALUES ('AAAAAAAAAA')")
        return Response("kept")

    quiet = get("/tait", opt={"permission": "public"})(keep)
    said = get("/dit", opt={"permission": "public", "writes": "a test of pages that do"})(keep)
    return (quiet, said) if face == "admin" else ()


async def test_a_page_that_is_read_writes_nothing_unless_it_says_so(
    ctx: Ctx, settings: Settings
) -> None:
    plugin = make_plugin("essai", register_routers=reading_routers)
    app = create_app(settings, clock=ctx.clock, plugins={**discover(), "essai": plugin})
    await turn_on(app, ctx.place.slug, "essai")
    async with visitor(app) as browser:
        assert (await browser.get("/admin/essai/tait")).status_code == 500
        assert (await browser.get("/admin/essai/dit")).status_code == 200


async def test_a_failure_is_logged_without_its_values(
    ctx: Ctx, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = make_plugin("broken", register_routers=register_routers)
    app = create_app(settings, clock=ctx.clock, plugins={**discover(), "broken": broken})
    await turn_on(app, ctx.place.slug, "broken")
    async with visitor(app) as browser:
        page = await browser.get("/admin/essai/casse")
    assert page.status_code == 500
    said = "".join(capsys.readouterr())
    assert "Awa" not in said and "Diallo" not in said
    assert "RuntimeError" in said and "broken" in said
    assert "Awa" not in page.text
    reference = re.search(r"<bdi[^>]*>([0-9a-f]{8})</bdi>", page.text)
    assert reference is not None and reference.group(1) in said


def test_a_driver_s_message_stays_out() -> None:
    error = asyncpg.UniqueViolationError("Key (email)=(awa@exemple.test) already exists.")
    assert "awa" not in str(trace(error))
    assert trace(error)["sqlstate"] == "23505"


@pytest.mark.parametrize(
    "cookie", ["abc", "abc.\u00e9", ".", "\u00e9.\u00e9", "WyJvayIsICJ4Il0=.00"]
)
async def test_a_word_that_was_not_said_here_is_not_shown(
    ctx: Ctx, settings: Settings, cookie: str
) -> None:
    async with visitor(create_app(settings, clock=ctx.clock)) as browser:
        page = await browser.get(
            "/admin/essai/connexion", headers=[(b"cookie", b"seuil-flash=" + cookie.encode())]
        )
    assert page.status_code == 200 and "flash" not in page.headers.get("set-cookie", "")


def test_a_word_is_read_back_with_its_tone() -> None:
    assert unseal("secret", seal("secret", "C’est fait.", "ok")) == ("ok", "C’est fait.")
    assert unseal("other", seal("secret", "C’est fait.", "ok")) is None
