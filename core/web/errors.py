"""The tree of errors, said to a browser in one place."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

import asyncpg
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from core.accounts.mandates import MandateOver
from core.extension.context import Ctx, Place
from core.kernel import errors as e
from core.kernel.trace import trace
from core.kernel.words import LANGUAGES, N_
from core.web.above import page_above
from core.web.visit import Visit

log = structlog.get_logger()

STATUS: tuple[tuple[type[Exception], int], ...] = (
    (e.NotFound, 404),
    (e.NotSignedIn, 401),
    (e.Denied, 403),
    (e.Invalid, 422),
    (e.Conflict, 409),
    (e.TooMany, 429),
    (e.Refused, 409),
    (e.DatabaseUnavailable, 503),
    (e.Trouble, 500),
    # Text or a number in an address that no column can hold: what was sent is wrong, not us.
    (asyncpg.DataError, 400),
)

TITLES = {
    400: N_("Cette demande n’est pas comprise"),
    401: N_("Connectez-vous pour continuer"),
    403: N_("Vous n’avez pas accès à cette page"),
    404: N_("Page introuvable"),
    405: N_("Cette action n’est pas possible ici"),
    409: N_("Ce n’est pas possible maintenant"),
    413: N_("Ce fichier est trop gros"),
    422: N_("Il y a une erreur dans ce qui a été envoyé"),
    429: N_("Trop d’essais"),
    500: N_("Le service a un problème"),
    503: N_("Le service est arrêté un moment"),
}

TEXTS = {
    403: N_("Si vous pensez que c’est une erreur, parlez-en à votre équipe."),
    404: N_("L’adresse est fausse, ou la page n’existe plus."),
    405: N_("Revenez à la page précédente."),
    400: N_("Revenez à la page précédente et recommencez."),
    500: N_("Rien n’a été perdu. Réessayez dans un instant."),
    503: N_("Rien n’a été perdu. Cette page revient d’elle-même dès que possible."),
}

HELP_OVER = N_("Vous n’agissez plus pour cette personne")

CLOSED = N_(
    "Votre espace s’est fermé. Entrez à nouveau : votre dernier envoi n’est pas enregistré."
)


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    """The page that says what went wrong, in the layout of the face the address belongs to."""
    status, text = _status(error)
    if status == 405 and request.method in ("GET", "HEAD"):
        # The address of a form alone, reloaded or come back to: its page is above it.
        way = page_above(request.app, request.url.path)
        return Response("", status_code=303, headers={"Location": way})
    reference = None
    if status >= 500:
        reference = secrets.token_hex(4)
        log.error("request failed", reference=reference, **trace(error))
    visit = Visit(request)
    visit.ctx = ctx = _placed(request, visit)
    if status == 401 and ctx.face and ctx.territory:
        if unsent := request.scope["state"].get("unsent"):
            return _shown_back(visit, unsent)
        return _to_sign_in(visit)
    template = "core/error.html"
    if ctx.face and ctx.territory:
        template = f"{ctx.face}/error.html"
    title = visit._(TITLES.get(status, TITLES[500]))
    said = visit._(text) if text else visit._(TEXTS.get(status, ""))
    if isinstance(error, e.DomainError) and error.params and text:
        said = visit._(text) % error.params
    words: list[str] = request.scope["state"].get("unsent") or []
    if isinstance(error, MandateOver):
        title, words = visit._(HELP_OVER), list(error.kept.values())
    shown = {
        "status": status, "title": title, "text": said, "reference": reference, "words": words,
        "way": _way_on(visit),
    }  # fmt: skip
    response = visit.page(template, status=status, error=shown)
    if status == 503:
        response.headers["Retry-After"] = "5"
        response.headers["Refresh"] = "5"
    return response


def _way_on(visit: Visit) -> tuple[str, str, str] | None:
    """Where the page's button leads when that is not the face's home: address, label, icon."""
    actor = visit.ctx.actor
    if actor is None or actor.kind != "helper":
        return None
    return visit.helping_href(), visit._(N_("Revenir à mon bureau")), "back"


def _placed(request: Request[Any, Any, Any], visit: Visit) -> Ctx:
    """The context of an address that no page answers: its face, territory and language, as far
    as the address says them; else the browser's language."""
    ctx = visit.ctx
    if ctx.face or ctx.territory:
        return ctx
    words = request.url.path.strip("/").split("/")
    known: dict[str, Place] = request.app.state.places.known
    for face in sorted(ctx.registry.faces.values(), key=lambda f: f.prefix, reverse=True):
        prefix = [face.prefix.strip("/")] if face.prefix else []
        if words[: len(prefix)] != prefix:
            continue
        slug, *rest = [*words[len(prefix) :], ""]
        if place := known.get(slug):
            lang = visit.preferred(place.langs) if face.languages else "fr"
            if face.languages and rest and rest[0] in place.langs:
                lang = rest[0]
            return replace(ctx, face=face.name, territory=place, lang=lang)
    return replace(ctx, lang=visit.preferred(list(LANGUAGES)))


def _status(error: Exception) -> tuple[int, str]:
    for kind, status in STATUS:
        if isinstance(error, kind):
            return status, error.message if isinstance(error, e.DomainError) else ""
    if isinstance(error, HTTPException):
        return (error.status_code if error.status_code in TITLES else 400), ""
    return 500, ""


def _shown_back(visit: Visit, words: list[str]) -> Response[str]:
    """The session ended while somebody wrote: nothing is saved, their words are there to copy."""
    if visit.htmx:
        return _to_sign_in(visit)
    shown = {
        "status": 401,
        "title": visit._(N_("Votre espace s’est fermé")),
        "text": visit._(N_("Vos mots ne sont pas partis. Copiez-les avant de continuer.")),
        "reference": None,
        "words": words,
        "way": (
            _to_sign_in(visit).headers["Location"], visit._(N_("Entrer de nouveau")), "door",
        ),
    }  # fmt: skip
    return visit.page(f"{visit.ctx.face}/error.html", status=401, error=shown)


def _to_sign_in(visit: Visit) -> Response[str]:
    """To the sign-in page, which leads back here afterwards (reads only)."""
    face = visit.ctx.registry.faces[visit.ctx.face or ""]
    target = visit.href(face.sign_in)
    if visit.htmx:
        return Response("", status_code=401, headers={"HX-Redirect": target})
    if visit.request.method == "GET":
        response, back = visit.to(face.sign_in), visit.request.url.path
        if visit.request.url.query:
            back += f"?{visit.request.url.query}"
    else:
        # The page the form was on: what was typed there is lost, but not the way to it.
        response = visit.to(face.sign_in, said=CLOSED, tone="warn")
        back = urlsplit(visit.request.headers.get("referer", "")).path
    if back.startswith(visit.href("/")):
        response.headers["Location"] = f"{target}?suite={quote(back)}"
    return response


HANDLERS: dict[Any, Any] = {e.SeuilError: answer, HTTPException: answer, Exception: answer}
