"""What answers a form with a page: kept, and shown at an address of its own.

A page that is the answer to a POST has no address to come back to: going back to it, reloading it
or signing in again ends in an error of the browser, or in 405. So whatever a form is answered with
(mistakes beside their fields, a preview, a refusal) is sealed for an hour and the browser is sent
to `/reponse/{reference}`. Where it is gone, and at addresses that only take forms, a visitor is led
to the nearest page above. One place for both faces and every plugin: handlers know nothing of it.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.enums import ScopeType
from litestar.params import FromPath
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from core.accounts.answers import Answer, Owner, keep_answer, kept_answer, owner
from core.extension.context import Ctx
from core.kernel.errors import DatabaseUnavailable, NotSignedIn
from core.web.errors import answer as answer_error
from core.web.visit import ONCE, Visiting

ANSWER = "/reponse"


def _form_cookie(https: bool) -> str:
    return "__Host-seuil-form" if https else "seuil-form"


def _owners(ctx: Ctx, request: Request[Any, Any, Any]) -> list[Owner]:
    """Whose answers this visitor may come back to: theirs, and those of before they signed in."""
    token = request.cookies.get(_form_cookie(ctx.settings.https), "")
    mine = [owner(ctx.actor, token)] if ctx.actor else []
    return mine + ([owner(None, token)] if token else [])


class Answers:
    """Turns a page that answers a form into a redirection to where it is kept.

    A fragment that htmx asked for, a file, a redirection and what went wrong with the server go
    out as they are. Without a database nothing is kept, and the page is the answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if b"hx-request" in headers or headers.get(b"sec-fetch-site") == b"cross-site":
            await self.app(scope, receive, send)
            return
        # What is kept is kept plain: the page that shows it is compressed on its way.
        scope["headers"] = [h for h in scope["headers"] if h[0] != b"accept-encoding"]
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                for one in await self._answered(scope, held) or held:
                    await send(one)

        try:
            await self.app(scope, receive, hold)
        except Exception as error:
            if held:
                raise
            # What the door refuses never reached a handler: it is answered here, to be kept too.
            request: Request[Any, Any, Any] = Request(scope, receive)
            refusal = answer_error(request, error).to_asgi_response(app=None, request=request)
            await refusal(scope, receive, hold)

    async def _answered(self, scope: Scope, held: list[Message]) -> list[Message] | None:
        """The redirection, once the page is kept; None where it goes out as it is."""
        start: Any = held[0]
        told = {name.lower(): value for name, value in start["headers"]}
        page = told.get(b"content-type", b"").startswith(b"text/html") and b"refresh" not in told
        ctx: Ctx | None = scope["state"].get("ctx")
        status = start["status"]
        # Somebody told to wait is kept no page: a flood of tries would be one of rows.
        if not page or status >= 500 or status == 429 or 300 <= status < 400:
            return None
        if ctx is None or ctx.face is None or ctx.territory is None:
            return None
        request: Request[Any, Any, Any] = Request(scope)
        owners = _owners(ctx, request)
        if not owners:
            return None
        opt = scope["route_handler"].opt
        token = ScopeState.from_scope(scope).csrf_token
        answer = Answer(
            html=b"".join(m.get("body", b"") for m in held[1:]).decode(),  # type: ignore[misc]
            status=status,
            lang=told.get(b"content-language", b"").decode(),
            permission=opt.get("permission") or "",
            helper=opt.get("helper", ""),
            token=token if isinstance(token, str) else "",
            once=bool(scope["state"].get(ONCE)),
        )
        ref = None
        with contextlib.suppress(DatabaseUnavailable):
            async with replace(ctx, read_only=False).unit() as unit:
                ref = await keep_answer(unit, owners[0], answer, ctx.settings.secret_key)
        if ref is None:
            return None
        home = _home(ctx)
        rest = scope["path"].removeprefix(home.removesuffix("/")) or "/"
        target = f"{home}{ANSWER.lstrip('/')}/{ref}?vers={quote(rest)}"
        cookies = [(name, value) for name, value in start["headers"] if name == b"set-cookie"]
        away = [(b"location", target.encode()), (b"content-length", b"0"), *cookies]
        return [
            {"type": "http.response.start", "status": 303, "headers": away},
            {"type": "http.response.body", "body": b"", "more_body": False},
        ]


def _home(ctx: Ctx) -> str:
    face = ctx.registry.faces[ctx.face or ""]
    middle = f"/{ctx.lang}" if face.languages else ""
    return f"{face.prefix}/{ctx.place.slug}{middle}/"


WHY = "a page that is shown once is taken away as it is shown"


@get("/reponse/{ref:str}", opt={"permission": "public", "writes": WHY})
async def show_answer(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """What a form was answered, for whom it was; else the page that the form was on."""
    ctx = visit.ctx
    async with ctx.unit() as unit:
        found = await kept_answer(
            unit, _owners(ctx, visit.request), ref, ctx.settings.secret_key
        )  # fmt: skip
    vers = visit.request.query_params.get("vers", "/")
    if not vers.startswith("/") or "//" in vers or "\\" in vers:
        vers = "/"
    if found is None or not _still(ctx, found):
        if ctx.actor is None and found is None:
            # Theirs perhaps, once they have signed in again.
            raise NotSignedIn()
        return visit.to(vers)
    html = found.html.replace(found.token, visit.csrf) if found.token else found.html
    response = Response(html, status_code=found.status, media_type="text/html")
    response.headers["Vary"] = "HX-Request"
    if found.lang:
        response.headers["Content-Language"] = found.lang
    return response


def _still(ctx: Ctx, found: Answer) -> bool:
    """Whether that page would still open: a role or an authorisation may have ended."""
    if ctx.actor is None or found.permission in ("", "public"):
        return True
    if found.status in (401, 403, 404):
        # A refusal shows nothing of the page that was refused.
        return True
    if ctx.actor.kind == "helper":
        return ctx.actor.helps_with(found.helper)
    return bool(ctx.can(found.permission))
