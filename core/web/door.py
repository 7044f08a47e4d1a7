"""The door of every page: which territory, who comes, in which language; what is refused."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

from litestar import Request, Response
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from core.accounts.mandates import OUTSIDE, MandateOver
from core.accounts.sessions import find_session, touch_session
from core.extension.context import Ctx, Place
from core.kernel.errors import Denied, NotFound, NotSignedIn
from core.kernel.transaction import relay
from core.kernel.unit import Actor, Unit
from core.kernel.words import N_
from core.territories.queries import load_places
from core.territories.troubles import keep_troubles
from core.web.forms import Form
from core.web.words import preferred

READING = frozenset({"GET", "HEAD"})
SWITCHED_OFF = N_("Cette page n’est plus ouverte ici. Rien n’a été envoyé.")
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Places:
    """The territories, kept in memory; asked again after `fresh` seconds or for an unknown name.

    What is switched here is seen at once; other processes see it within those seconds.
    """

    def __init__(self, fresh: float = 5.0) -> None:
        self._fresh = fresh
        self._at = 0.0
        self._known: dict[str, Place] = {}
        self._lock = asyncio.Lock()

    @property
    def known(self) -> dict[str, Place]:
        """Those in memory, without asking."""
        return self._known

    async def all(self, ctx: Ctx) -> dict[str, Place]:
        if not self._known or time.monotonic() - self._at > self._fresh:
            await self.reload(ctx)
        return self._known

    async def reload(self, ctx: Ctx) -> None:
        async with self._lock, Unit(territory_id=None, clock=ctx.clock) as unit:
            self._known = await load_places(unit)
            self._at = time.monotonic()

    def forget(self) -> None:
        """Ask again at the next page: what a territory is was just changed."""
        self._at = float("-inf")

    async def find(self, ctx: Ctx, slug: str) -> Place:
        known = await self.all(ctx)
        if slug not in known and time.monotonic() - self._at > 1:
            await self.reload(ctx)
            known = self._known
        try:
            return known[slug]
        except KeyError:
            raise NotFound(N_("Ce territoire n’existe pas.")) from None


def cookie_name(face: str, https: bool) -> str:
    """One cookie per face: a worker helping a resident keeps both apart."""
    return f"__Host-seuil-{face}" if https else f"seuil-{face}"


async def _words_of(request: Request[Any, Any, Any]) -> list[str]:
    """The sentences of a form that comes too late: what somebody wrote is shown back to them."""
    kind = request.headers.get("content-type", "")
    if request.method != "POST" or not kind.startswith("application/x-www-form-urlencoded"):
        return []
    sent = await request.form()
    return [
        value
        for name, value in sent.multi_items()
        if isinstance(value, str) and " " in value.strip() and "password" not in name
    ]


class Door:
    """Builds the Ctx of a request and asks the route's permission before its handler runs."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        async with relay():
            await self._enter(scope, receive, send)
        base: Ctx = scope["litestar_app"].state.base
        if base.registry.troubles:
            await keep_troubles(base)

    async def _enter(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        request: Request[Any, Any, Any] = Request(scope, receive)
        if scope["method"] in UNSAFE and request.headers.get("sec-fetch-site") == "cross-site":
            raise Denied(N_("Cette demande vient d’un autre site."))
        handler = scope["route_handler"]
        permission = handler.opt.get("permission")
        ctx = await self._context(request, handler.opt)
        scope["state"]["ctx"] = ctx = replace(ctx, permission=permission or "")
        plugin = handler.opt.get("plugin")
        if plugin is not None and not ctx.registry.is_on(plugin, ctx.place.plugins):
            if plugin not in ctx.place.former:
                raise NotFound()
            # Somebody may have been writing there while it was switched off.
            scope["state"]["unsent"] = await _words_of(request)
            raise NotFound(SWITCHED_OFF)
        if permission is None:
            raise Denied()
        verdict = ctx.can(permission)
        if ctx.actor is not None and ctx.actor.kind == "helper" and permission != "public":
            # A page opens to who acts for a resident only where it says under which scope.
            await self._as_helper(request, ctx.actor, handler.opt.get("helper", ""))
        elif not verdict:
            if ctx.actor is None:
                scope["state"]["unsent"] = await _words_of(request)
                raise NotSignedIn()
            face = ctx.registry.faces.get(ctx.face or "")
            if ctx.actor.must_change and face and face.change_password:
                target = f"{face.prefix}/{ctx.place.slug}{face.change_password}"
                away = Response("", status_code=303, headers={"Location": target})
                await away.to_asgi_response(app=None, request=request)(scope, receive, send)
                return
            raise Denied()
        await self.app(scope, receive, send)

    async def _as_helper(self, request: Request[Any, Any, Any], actor: Actor, scope: str) -> None:
        if actor.helping is None or actor.helping.over:
            typed = await request.form() if request.scope["method"] in UNSAFE else {}
            raise MandateOver(Form({name: str(typed[name]) for name in typed}).words())
        if not actor.helps_with(scope):
            raise Denied(OUTSIDE)

    async def _context(self, request: Request[Any, Any, Any], opt: dict[str, Any]) -> Ctx:
        state = request.app.state
        # A page that is read writes nothing, unless its handler says that it must, and why.
        reads = request.method in READING and "writes" not in opt
        base: Ctx = replace(state.base, read_only=reads)
        face_name = opt.get("face")
        if face_name is None:
            return base
        ctx = replace(base, face=face_name, lang=request.path_params.get("lang", "fr"))
        slug = request.path_params.get("territory")
        if slug is None:
            return ctx
        place = await state.places.find(ctx, slug)
        speaks = ctx.registry.faces[face_name].languages
        lang = ctx.lang
        if lang not in place.langs:
            asks = request.headers.get("accept-language", "") if speaks else ""
            lang = preferred(asks, place.langs)
        asked, ctx = ctx.lang, replace(ctx, territory=place, lang=lang)
        # Known before anything can be refused: an error page then shows the right territory.
        request.scope["state"]["ctx"] = ctx
        if speaks and "any_language" not in opt and asked != lang:
            raise NotFound(N_("Cette langue n’est pas proposée ici."))
        cookie = request.cookies.get(cookie_name(face_name, ctx.settings.https))
        if not cookie:
            return ctx
        async with ctx.unit() as unit:
            known = await find_session(unit, cookie, face_name)
            quiet = known is None or known.quiet
            if quiet and request.method in READING:
                # A form may take its time to arrive: it never holds a connection meanwhile.
                unit.hand_on()
        if not quiet:
            async with replace(ctx, read_only=False).unit() as unit:
                await touch_session(unit, cookie)
        return replace(ctx, actor=known.actor if known else None)
