"""create_app: the only place where things are wired."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from litestar import Litestar, Router, get
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.config.compression import CompressionConfig
from litestar.config.csrf import CSRFConfig
from litestar.di import Provide
from litestar.response import Response

from core import own
from core.extension.context import Ctx, Place
from core.extension.contributions import Face
from core.extension.registry import Registry
from core.imports.jobs import launcher
from core.kernel.clock import Clock
from core.kernel.database import ENGINE
from core.kernel.errors import DatabaseUnavailable
from core.kernel.settings import Settings
from core.kernel.unit import Unit
from core.kernel.words import LANGUAGES
from core.territories.holding import hold_behind
from core.web.above import readable
from core.web.answers import Answers, show_answer
from core.web.assets import build_assets, serve_asset
from core.web.door import Door, Places
from core.web.errors import HANDLERS
from core.web.headers import security_headers
from core.web.layout import LanguageLink
from core.web.routing import face_routes
from core.web.templates import Templates
from core.web.visit import Visiting, provide_visit
from core.web.words import languages
from core.worker import run as run_worker

CORE = {"core": own}


@get("/", opt={"permission": "public"})
async def landing(visit: Visiting) -> Response[str]:
    """Leads each person to the right door, in their language: `?lang=`, else the browser's."""
    places = await visit.request.app.state.places.all(visit.ctx)
    spoken = [lang for lang in LANGUAGES if any(lang in p.langs for p in places.values())]
    asked = visit.request.query_params.get("lang")
    lang = asked if asked in spoken else visit.preferred(spoken or ["fr"])
    visit.ctx = replace(visit.ctx, lang=lang)
    doors = [
        {
            "name": face.name,
            "title": visit._(face.door),
            "text": visit._(face.door_text),
            "icon": face.door_icon,
            "territories": [
                {"name": place.name, "href": _door(face, place, lang)} for place in places.values()
            ],
        }
        for face in sorted(visit.ctx.registry.faces.values(), key=lambda f: f.order)
    ]
    switch = [
        LanguageLink(code, name, f"/?lang={code}", code == lang) for code, name in languages(spoken)
    ]
    return visit.page("core/landing.html", doors=doors, switch=switch)


def _door(face: Face, place: Place, lang: str) -> str:
    """The address of a territory, in the language read here where it is spoken there."""
    middle = f"/{lang}/" if face.languages and lang in place.langs else ""
    return f"{face.prefix}/{place.slug}{middle}"


@get("/healthz", opt={"permission": "public"}, sync_to_thread=False)
def healthz() -> dict[str, str]:
    """The process lives."""
    return {"status": "ok"}


@get("/readyz", opt={"permission": "public"})
async def readyz(visit: Visiting) -> Response[dict[str, str]]:
    """The process can serve: the database answers. Monitors read it: JSON even when it is down."""
    try:
        async with Unit(territory_id=None, clock=visit.ctx.clock) as unit:
            await unit.value("SELECT 1")
    except DatabaseUnavailable:
        down = {"status": "down", "what": "database"}
        return Response(down, status_code=503, headers={"Retry-After": "5"})
    return Response({"status": "ready"})


@get("/version", opt={"permission": "public"}, sync_to_thread=False)
def show_version() -> dict[str, str]:
    """What runs."""
    return {"name": "seuil", "version": version("seuil")}


def _to_first_language(face: Face) -> Router:
    """`/{territory}`: to the page in the first of the visitor's languages spoken there."""

    @get("/", opt={"permission": "public", "face": face.name, "any_language": True})
    async def choose(visit: Visiting) -> Response[str]:
        lang = visit.preferred(visit.ctx.place.langs)
        return visit.to(visit.href("/", lang=lang), absolute=True)

    return Router(path=f"{face.prefix}/{{territory:str}}", route_handlers=[choose])


def _to_landing(face: Face) -> Router:
    """The bare prefix of a face: to the page where one chooses a territory."""

    @get("/", opt={"permission": "public"})
    async def choose(visit: Visiting) -> Response[str]:
        return visit.to("/", absolute=True)

    return Router(path=face.prefix, route_handlers=[choose])


def create_app(
    settings: Settings,
    database_url: str | None = None,
    plugins: Mapping[str, Any] | None = None,
    clock: Clock | None = None,
) -> Litestar:
    """The application: `database_url` is the serving role's; None when the pool is open already."""
    registry = Registry.build(CORE, plugins)
    base = Ctx(settings=settings, registry=registry, clock=clock or Clock())
    assets = build_assets(registry.faces, registry.plugins)
    routers: list[Any] = [landing, healthz, readyz, show_version, serve_asset]
    for face in registry.faces.values():
        lang = "/{lang:str}" if face.languages else ""
        if face.languages:
            routers.append(_to_first_language(face))
        if face.prefix:
            routers.append(_to_landing(face))
        routers.append(
            Router(
                path=f"{face.prefix}/{{territory:str}}{lang}",
                route_handlers=[*face_routes(registry, face.name), show_answer],
                opt={"face": face.name},
            )
        )

    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        if database_url is None:
            yield
            return
        with contextlib.suppress(DatabaseUnavailable):
            # Down at start: pages say so, and the first Unit that can opens the pool.
            await ENGINE.open(database_url, settings.pool_size)
            await hold_behind(registry, base.clock)
        # In production `seuil worker` is a process of its own.
        worker = None
        if not settings.production:
            worker = asyncio.create_task(run_worker(base, launch=app.state.launch_import))
        try:
            yield
        finally:
            if worker is not None:
                worker.cancel()
                await asyncio.gather(worker, return_exceptions=True)
            await ENGINE.close()

    app = Litestar(
        route_handlers=routers,
        # The outermost first: what the door refuses is an answer too.
        middleware=[Answers, Door],
        dependencies={"visit": Provide(provide_visit)},
        exception_handlers=HANDLERS,
        before_send=[security_headers(settings.https)],
        csrf_config=CSRFConfig(
            secret=settings.secret_key,
            cookie_name="__Host-seuil-form" if settings.https else "seuil-form",
            cookie_httponly=True,
            cookie_secure=settings.https,
            cookie_samesite="lax",
        ),
        compression_config=CompressionConfig(
            backend="gzip", minimum_size=800, gzip_compress_level=5, exclude_opt_key="zipped"
        ),
        allowed_hosts=AllowedHostsConfig(allowed_hosts=[settings.netloc], www_redirect=False)
        if settings.production
        else None,
        lifespan=[lifespan],
        openapi_config=None,
        request_max_body_size=60_000_000,
        logging_config=None,
    )
    app.state.base = base
    app.state.readable = readable(app)
    app.state.launch_import = launcher(database_url)
    app.state.assets = assets
    app.state.places = Places()
    app.state.templates = Templates(registry.faces, assets, registry.plugins)
    return app
