"""People and their roles: who works here, invite, give or end a role, close an access."""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Response

from core.accounts.passwords import ALPHABET
from core.accounts.searches import keep_search, kept_search
from core.accounts.service import end_role, grant_role
from core.accounts.team import Colleague, close_access, give_password, invite, team, works_here
from core.extension.contributions import NavItem
from core.extension.permissions import ROLES
from core.kernel.errors import Conflict, DomainError, Invalid, Refused
from core.kernel.spelling import search_key
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import Form
from core.web.visit import Visit, Visiting, keep

MAY = "people.manage"
AT_AN_ORGANISATION = ("prescriber", "structure")


@get("/equipe", opt={"permission": MAY})
async def people(visit: Visiting) -> Response[str]:
    """Everybody who works here, and those who did."""
    return await _list(visit)


@post("/equipe", opt={"permission": MAY})
async def narrow(visit: Visiting) -> Response[str]:
    """Keep the words typed, and go to the colleagues whom they name."""
    form = await visit.form()
    kept = {n: form.value(n)[:100] for n in ("role", "organisme") if form.value(n)}
    if form.value("q"):
        async with visit.ctx.unit() as unit:
            kept["recherche"] = await keep_search(unit, form.value("q"))
    return visit.to("/equipe" + (f"?{urlencode(kept)}" if kept else ""))


def _named(colleague: Colleague, role: str, organisation: str, words: list[str]) -> bool:
    """Whether a colleague answers a search: each word begins one of theirs."""
    said = search_key(f"{colleague.name} {colleague.email}").split()
    return all(any(one.startswith(w) for one in said) for w in words) and any(
        (not role or g["role"] == role) and (not organisation or g["organisation"] == organisation)
        for g in colleague.roles
    )


async def _list(visit: Visit, status: int = 200, error: str = "") -> Response[str]:
    asked = {n: visit.request.query_params.get(n, "")[:100] for n in ("role", "organisme")}
    ref = visit.request.query_params.get("recherche", "")[:20]
    async with visit.ctx.unit() as unit:
        everybody = await team(unit)
        text = (await kept_search(unit, ref) or "") if ref else ""
    current = [c for c in everybody if c.current]
    words = search_key(text).split()
    return visit.page(
        "admin/team.html",
        status=status,
        colleagues=[c for c in current if _named(c, asked["role"], asked["organisme"], words)],
        total=len(current),
        form=visit.blank(asked, q=text),
        role_options=[(key, visit._(label)) for key, label in ROLES.items()],
        organisation_options=[
            (name, name)
            for name in sorted({g["organisation"] for c in current for g in c.roles} - {None})
        ],
        former=[c for c in everybody if not c.current],
        role_names=ROLES,
        refused=error,
    )


@get("/equipe/inviter", opt={"permission": MAY})
async def ask_invitation(visit: Visiting) -> Response[str]:
    """The form of an invitation."""
    return await _invitation(visit, visit.blank())


async def _invitation(visit: Visit, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        organisations = await _organisations(unit)
    return visit.page(
        "admin/invite.html",
        status=status,
        form=form,
        roles=[(key, visit._(label)) for key, label in ROLES.items()],
        organisations=organisations,
    )


@post("/equipe/inviter", opt={"permission": MAY})
async def send_invitation(visit: Visiting) -> Response[str]:
    """Invite; the password for the first sign-in is shown on this answer and kept nowhere."""
    form = await visit.form()
    password = _password(visit, form)

    async def work(unit: Unit) -> Any:
        role = form.choice("role", ROLES, required=True) or ""
        organisation = await _organisation(unit, form, role)
        name, email, phone = form.text("name", 120), form.email("email"), form.phone("phone", 40)
        form.check()
        invited = await invite(
            unit,
            name=name,
            email=email,
            role=role,
            organisation_id=organisation,
            password=password,
            phone=phone,
        )
        return {"new": invited.new}

    try:
        done = await visit.once(form, "account.invite", work)
    except Invalid as error:
        return await _invitation(visit, keep(visit, form, error), 422)
    except Conflict as error:
        form.wrong("email", visit._(error.message))
        return await _invitation(visit, form, 409)
    if not done["new"]:
        return visit.to("/equipe", said=N_("Rôle donné : cette personne garde son mot de passe."))
    return visit.page(
        "admin/password.html",
        once=True,
        name=form.value("name"),
        email=form.value("email"),
        password=password,
    )


@post("/equipe/mot-de-passe", opt={"permission": MAY})
async def new_password(visit: Visiting) -> Response[str]:
    """A new password for somebody who lost theirs, shown once."""
    form = await visit.form()
    password = _password(visit, form)
    account_id = _id(form, "account")
    elsewhere = await _elsewhere(visit, account_id)

    async def work(unit: Unit) -> Any:
        await give_password(unit, account_id, password, elsewhere=elsewhere)
        row = await unit.row("SELECT name, email FROM account WHERE id = $1", account_id)
        return dict(row) if row else {}

    try:
        who = await visit.once(form, "account.give_password", work)
    except Refused as error:
        return await _list(visit, 422, visit._(error.message))
    return visit.page("admin/password.html", once=True, password=password, **who)


@get("/equipe/roles", opt={"permission": MAY})
async def ask_role(visit: Visiting) -> Response[str]:
    """Another role for a colleague: who, which, where."""
    return await _role(visit, visit.blank())


async def _role(visit: Visit, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        colleagues = [(c.id, c.name) for c in await team(unit) if c.current]
        organisations = await _organisations(unit)
    return visit.page(
        "admin/role.html",
        status=status,
        form=form,
        colleagues=colleagues,
        roles=[(key, visit._(label)) for key, label in ROLES.items()],
        organisations=organisations,
    )


@post("/equipe/roles", opt={"permission": MAY})
async def give_role(visit: Visiting) -> Response[str]:
    """The role, from today."""
    form = await visit.form()

    async def work(unit: Unit) -> Any:
        account_id = _id(form, "account")
        if not await works_here(unit, account_id):
            raise Invalid({"account": N_("Choisissez une personne qui travaille ici.")})
        role = form.choice("role", ROLES, required=True) or ""
        organisation = await _organisation(unit, form, role)
        form.check()
        return await grant_role(unit, account_id, role, organisation_id=organisation)

    try:
        await visit.once(form, "account.grant_role", work)
    except Invalid as error:
        return await _role(visit, keep(visit, form, error), 422)
    except Conflict as error:
        form.wrong("role", visit._(error.message))
        return await _role(visit, form, 409)
    return visit.to("/equipe", said=N_("Rôle donné."))


@post("/equipe/roles/fin", opt={"permission": MAY})
async def take_role(visit: Visiting) -> Response[str]:
    """A role ends today; what was done under it stays."""
    form = await visit.form()

    async def work(unit: Unit) -> Any:
        await end_role(unit, _id(form, "grant"))

    return await _act(visit, form, "account.end_role", work, N_("Rôle terminé."))


@post("/equipe/fermer", opt={"permission": MAY})
async def close(visit: Visiting) -> Response[str]:
    """Somebody no longer works here."""
    form = await visit.form()
    account_id = _id(form, "account")
    elsewhere = await _elsewhere(visit, account_id)

    async def work(unit: Unit) -> Any:
        await close_access(unit, account_id, elsewhere=elsewhere)

    return await _act(visit, form, "account.close", work, N_("Accès fermé, sessions terminées."))


async def _act(visit: Visit, form: Form, verb: str, work: Any, said: str) -> Response[str]:
    try:
        await visit.once(form, verb, work)
    except (Refused, Invalid, Conflict) as error:
        return await _list(visit, 422, _first(visit, error))
    return visit.to("/equipe", said=said)


def _first(visit: Visit, error: DomainError) -> str:
    messages = getattr(error, "errors", None) or {"": error.message}
    return visit._(next(iter(messages.values())))


def _id(form: Form, name: str) -> int:
    text = form.value(name)
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def _password(visit: Visit, form: Form) -> str:
    """Drawn from the form's key and the server's secret: a replay shows it, nothing is kept."""
    key = f"one-time password {visit.ctx.settings.secret_key}".encode()
    drawn = hmac.new(key, form.key.bytes, "sha256").digest()
    letters = "".join(ALPHABET[byte % 32] for byte in drawn[:16]).lower()
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))


async def _elsewhere(visit: Visit, account_id: int) -> bool:
    """Whether the account has a role in another territory: each is asked behind its own wall."""
    places = await visit.request.app.state.places.all(visit.ctx)
    for place in places.values():
        if place.id == visit.ctx.place.id:
            continue
        async with Unit(territory_id=place.id, clock=visit.ctx.clock, zone=place.zone) as unit:
            if await works_here(unit, account_id):
                return True
    return False


async def _organisations(unit: Unit) -> list[tuple[int, str]]:
    rows = await unit.fetch(
        "SELECT o.id, o.name FROM territory_organisation t "
        "JOIN organisation o ON o.id = t.organisation_id "
        "WHERE t.ends_on IS NULL OR t.ends_on > $1 ORDER BY o.search_key, o.id",
        unit.today,
    )
    return [(r["id"], r["name"]) for r in rows]


async def _organisation(unit: Unit, form: Form, role: str) -> int | None:
    """The organisation of a role that needs one, among those at work here."""
    if role not in AT_AN_ORGANISATION:
        return None
    known = [i for i, _ in await _organisations(unit)]
    chosen = form.choice("organisation", known, required=True)
    return int(chosen) if chosen else None


HANDLERS = (
    people,
    narrow,
    ask_invitation,
    send_invitation,
    new_password,
    ask_role,
    give_role,
    take_role,
    close,
)
NAV = (NavItem(N_("Équipe"), "/equipe", MAY, order=95, icon="people", group=N_("Administration")),)
