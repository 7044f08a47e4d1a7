"""Who the visitor is behind a proxy: only a trusted one is believed, and the doctor says so."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import uvicorn

from core.commands.doctor import proxies
from core.commands.serve import server_options
from core.kernel.errors import SettingsError
from core.kernel.settings import Settings

ENV = {
    "SEUIL_ENV": "production",
    "SEUIL_SECRET_KEY": "k" * 48,
    "SEUIL_PUBLIC_URL": "https://seuil.example",
    "DATABASE_URL": "postgresql://base/seuil",
}


def settings(trusted: str = "", **more: str) -> Settings:
    return Settings.from_env({**ENV, "SEUIL_TRUSTED_PROXIES": trusted, **more})


async def seen_from(trusted: str, forwarded: str | None) -> str:
    """The address that the application is given for a visitor from 127.0.0.1."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            seen.append(scope["client"][0])
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    options = {**server_options(settings(trusted)), "host": "127.0.0.1", "port": 0}
    server = uvicorn.Server(uvicorn.Config(app, **options, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 -- uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(f"http://127.0.0.1:{port}/", headers=headers)
    finally:
        server.should_exit = True
        await serving
    return str(seen[0])


@pytest.mark.parametrize(
    ("trusted", "forwarded", "client"),
    [
        ("", None, "127.0.0.1"),
        ("", "203.0.113.9", "127.0.0.1"),
        ("10.0.0.0/8", "203.0.113.9", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.0/8, 10.0.0.0/8", "203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", None, "127.0.0.1"),
    ],
)
async def test_only_a_trusted_proxy_says_who_the_visitor_is(
    trusted: str, forwarded: str | None, client: str
) -> None:
    assert await seen_from(trusted, forwarded) == client


@pytest.mark.parametrize("wrong", ["*", "proxy", "10.0.0.0/33", "0.0.0.0/0", "10.0.0.1, ::/0"])
def test_a_list_that_trusts_everybody_or_nobody_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match="SEUIL_TRUSTED_PROXIES"):
        settings(wrong)


def said(found: Settings) -> list[tuple[bool, str]]:
    return [(f.bad, f.text) for f in proxies(found)]


def test_the_doctor_says_when_the_proxy_is_configured_wrongly() -> None:
    [(bad, text)] = said(settings())
    assert bad and "every visitor seems to be the proxy" in text
    assert said(settings("172.30.87.0/24")) == []
    [(bad, text)] = said(settings("172.30.87.0/24, 8.0.0.0/8"))
    assert not bad and "8.0.0.0/8 is a public network" in text
    assert said(settings(SEUIL_PUBLIC_URL="http://localhost:8000")) == []
    [(bad, text)] = said(settings("10.0.0.1", SEUIL_ENV="demo"))
    assert not bad and "outside of production" in text
