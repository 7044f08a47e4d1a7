"""A visit: one person on one page. What handlers speak to: context, form, page, redirect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import uuid5

import msgspec
import structlog
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.utils.scope.state import ScopeState
from markupsafe import Markup

from core.accounts.mandates import MandateOver
from core.accounts.throttle import network_of
from core.extension.context import Ctx
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.web.door import cookie_name
from core.web.flash import FLASH, seal
from core.web.forms import Form
from core.web.layout import page_info
from core.web.parts import Shown, part_failed
from core.web.words import preferred

log = structlog.get_logger()

ONCE = "shown_once"
"""In the scope's state: this answer holds a secret that nobody sees a second time."""


class Visit:
    """One request of one person; made anew for each, given to handlers as `visit`."""

    def __init__(self, request: Request[Any, Any, Any]) -> None:
        self.request = request
        self.ctx: Ctx = request.scope["state"].get("ctx") or request.app.state.base
        self.counts: dict[str, int] = {}
        self._shared: dict[str, Any] = {}

    # -- addresses ----------------------------------------------------------------------------

    def href(self, path: str = "/", lang: str | None = None) -> str:
        """An address in this face and territory: `visit.href("/menages")`."""
        ctx = self.ctx
        if ctx.face is None or ctx.territory is None:
            return path
        face = ctx.registry.faces[ctx.face]
        middle = f"/{lang or ctx.lang}" if face.languages else ""
        return f"{face.prefix}/{ctx.place.slug}{middle}{path}"

    def helping_href(self) -> str:
        """Where a worker begins and ends acting for a resident, in the face that has it."""
        for face in self.ctx.registry.faces.values():
            if face.helping:
                return f"{face.prefix}/{self.ctx.place.slug}{face.helping}"
        return "/"

    def _(self, msgid: str, **params: Any) -> str:
        """A sentence in the visitor's language, for a page: a missing one is marked as French."""
        said = self.request.app.state.templates.catalogue(self.ctx.lang, self.vocabulary, True)
        text = said.gettext(msgid)
        return text % params if params else str(text)

    def file_words(self, msgid: str) -> str:
        """A label of the file itself: in French, in the place's own words, whoever reads."""
        catalogue = self.request.app.state.templates.catalogue("fr", self.vocabulary)
        return str(catalogue.gettext(msgid)) if msgid else ""

    @property
    def vocabulary(self) -> str:
        """The words of the place: "fr" where none is known."""
        return self.ctx.territory.vocabulary if self.ctx.territory else "fr"

    def preferred(self, spoken: Sequence[str]) -> str:
        """The first of these languages that the browser asks for; the first of them otherwise."""
        return preferred(self.request.headers.get("accept-language", ""), spoken)

    @property
    def htmx(self) -> bool:
        """Whether htmx asks for a fragment (never when it restores history)."""
        headers = self.request.headers
        return headers.get("hx-request") == "true" and "hx-history-restore-request" not in headers

    def may(self, scope: str) -> bool:
        """Whether the visitor may do that on a resident's pages: theirs, or within an
        authorisation (read, answer, write) when somebody acts for them."""
        actor = self.ctx.actor
        return actor is not None and (actor.kind == "resident" or actor.helps_with(scope))

    @property
    def network(self) -> str:
        """Where on the network the visitor is, as limits count it; '?' when nobody knows.

        Behind a proxy it is what the proxy says, where the settings trust it.
        """
        client = self.request.client
        return network_of(client.host if client else None)

    # -- what was sent ------------------------------------------------------------------------

    @property
    def csrf(self) -> str:
        token = ScopeState.from_scope(self.request.scope).csrf_token
        return token if isinstance(token, str) else ""

    async def form(self) -> Form:
        """The form that was sent."""
        sent = await self.request.form()
        return Form({name: sent.getall(name) for name in sent}, csrf=self.csrf).clean()

    def blank(self, values: Mapping[str, Any] | None = None, **kw: Any) -> Form:
        """A form to fill in, with what is known already."""
        return Form({**(values or {}), **kw}, csrf=self.csrf)

    # -- answers ------------------------------------------------------------------------------

    def page(
        self,
        template: str,
        *,
        fragment: str | None = None,
        status: int = 200,
        once: bool = False,
        **context: Any,
    ) -> Response[str]:
        """A page; only its block `fragment` when htmx asks.

        What answers a form is kept for an hour (`core/web/answers.py`); with `once` it is shown
        one time only: it holds a password or a code.
        """
        self.request.scope["state"][ONCE] = once
        templates = self.request.app.state.templates
        block = fragment if fragment and self.htmx else None
        zone = self.ctx.territory.zone if self.ctx.territory else "Europe/Paris"
        info = page_info(self)
        self._shared = {"page": info, "visit": self, "ctx": self.ctx, **context}
        html = templates.render(
            template,
            self._shared,
            self.ctx.lang,
            zone,
            block,
            self.vocabulary,
        )
        cookies = [Cookie(key=FLASH, value="", max_age=0, path="/")] if info.flashes else []
        return Response(
            html,
            status_code=status,
            media_type="text/html",
            headers={"Vary": "HX-Request", "Content-Language": self.ctx.lang.split("@")[0]},
            cookies=cookies,
        )

    def part(self, shown: Shown) -> Markup | None:
        """A part's own template, with what the page knows; None where it fails: the page says so
        in its place. What was read is `data` there, and `value`."""
        if shown.failed:
            return None
        zone = self.ctx.territory.zone if self.ctx.territory else "Europe/Paris"
        context = {**self._shared, "data": shown.data, "value": shown.data}
        try:
            html = self.request.app.state.templates.render(
                shown.part.template, context, self.ctx.lang, zone, None, self.vocabulary
            )
        except Exception as error:
            if self.ctx.registry.strict:
                raise
            part_failed(self.ctx, shown.part, "part cannot be drawn", error)
            return None
        return Markup(html)  # noqa: S704 - what a template of ours made is HTML already

    def to(
        self, path: str, said: str | None = None, tone: str = "ok", absolute: bool = False
    ) -> Response[str]:
        """See other: after every act, so that going back or reloading repeats nothing."""
        target = path if absolute else self.href(path)
        cookies = []
        if said:
            cookies.append(
                Cookie(
                    key=FLASH,
                    value=seal(self.ctx.settings.secret_key, said, tone),
                    max_age=120,
                    path="/",
                    httponly=True,
                    secure=self.ctx.settings.https,
                    samesite="lax",
                )
            )
        return Response("", status_code=303, headers={"Location": target}, cookies=cookies)

    async def once(self, form: Form, verb: str, work: Callable[[Unit], Awaitable[Any]]) -> Any:
        """Do the form's act once; a double click or a replay gets the first answer.

        The forms of one page share its key, and going back shows that key again: the same key
        with another act, at another address or with other words is another command, or what was
        typed would be lost in silence.
        """
        act = [verb, self.request.url.path, sorted(form.dump().items())]
        key = uuid5(form.key, msgspec.json.encode(act).decode())
        try:
            return await self.ctx.once(key, verb, work)
        except MandateOver as over:
            raise MandateOver(form.words()) from over

    # -- sign-in ------------------------------------------------------------------------------

    def session_cookie(self, value: str, face: str | None = None) -> Cookie:
        """A face's session cookie (this face's unless told otherwise); '' ends it.

        It dies with the browser.
        """
        https = self.ctx.settings.https
        return Cookie(
            key=cookie_name(face or self.ctx.face or "", https),
            value=value,
            path="/",
            httponly=True,
            secure=https,
            samesite="lax",
            max_age=None if value else 0,
        )


Visiting = NamedDependency[Visit]
"""How a handler asks for its visit: `async def home(visit: Visiting)`."""


async def provide_visit(request: Request[Any, Any, Any]) -> Visit:
    """The dependency behind every handler's `visit`."""
    return Visit(request)


def keep(visit: Visit, form: Form, error: Invalid) -> Form:
    """The form again with its mistakes said in the visitor's language."""
    for name, message in error.errors.items():
        form.errors[name] = visit._(message)
    return form
