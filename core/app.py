"""create_app: the only place where things are wired."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from importlib.metadata import version
from typing import Any

from litestar import Litestar, Router, get
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.config.compression import CompressionConfig
from litestar.config.csrf import CSRFConfig
from litestar.di import Provide
from litestar.response import Response

from core import own
from core.extension.context import Ctx
from core.extension.registry import Registry
from core.kernel.clock import Clock
from core.kernel.database import ENGINE
from core.kernel.errors import DatabaseUnavailable
from core.kernel.settings import Settings
from core.kernel.unit import Unit
from core.web.assets import build_assets, serve_asset
from core.web.door import Door, Places
from core.web.errors import HANDLERS
from core.web.headers import security_headers
from core.web.templates import Templates
from core.web.visit import Visit, provide_visit

CORE = {"core": own}


@get("/", opt={"permission": "public"})
async def landing(visit: Visit) -> Response[str]:
    """Leads each person to the right door."""
    places = await visit.request.app.state.places.all(visit.ctx)
    return visit.page("core/landing.html", territories=list(places.values()))


@get("/healthz", opt={"permission": "public"}, sync_to_thread=False)
def healthz() -> dict[str, str]:
    """The process lives."""
    return {"status": "ok"}


@get("/readyz", opt={"permission": "public"})
async def readyz(visit: Visit) -> dict[str, str]:
    """The process can serve: the database answers."""
    async with Unit(territory_id=None, clock=visit.ctx.clock) as unit:
        await unit.value("SELECT 1")
    return {"status": "ready"}


@get("/version", opt={"permission": "public"}, sync_to_thread=False)
def show_version() -> dict[str, str]:
    """What runs."""
    return {"name": "seuil", "version": version("seuil")}


def create_app(
    settings: Settings,
    database_url: str | None = None,
    plugins: Mapping[str, Any] | None = None,
    clock: Clock | None = None,
) -> Litestar:
    """The application: `database_url` is the serving role's; None when the pool is open already."""
    registry = Registry.build(CORE, plugins)
    base = Ctx(settings=settings, registry=registry, clock=clock or Clock())
    assets = build_assets(registry.faces)
    routers: list[Any] = [landing, healthz, readyz, show_version, serve_asset]
    for face in registry.faces.values():
        lang = "/{lang:str}" if face.languages else ""
        routers.append(
            Router(
                path=f"{face.prefix}/{{territory:str}}{lang}",
                route_handlers=registry.routers(face.name),
                opt={"face": face.name},
            )
        )

    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        if database_url is None:
            yield
            return
        with contextlib.suppress(DatabaseUnavailable):
            await ENGINE.open(database_url, settings.pool_size)
        try:
            yield
        finally:
            await ENGINE.close()

    app = Litestar(
        route_handlers=routers,
        middleware=[Door],
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
        compression_config=CompressionConfig(backend="gzip", minimum_size=800, gzip_compress_level=5),
        allowed_hosts=AllowedHostsConfig(allowed_hosts=[settings.netloc], www_redirect=False)
        if settings.production
        else None,
        lifespan=[lifespan],
        openapi_config=None,
        request_max_body_size=60_000_000,
        logging_config=None,
    )
    app.state.base = base
    app.state.assets = assets
    app.state.places = Places()
    app.state.templates = Templates(registry.faces, assets)
    return app
