"""The back-office pages of households in programmes: the list, its export, entry, course, exit."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response, Stream

from core.accounts.team import team
from core.extension.permissions import TEAM
from core.households.queries import household_id_of
from core.housing.queries import sectors
from core.kernel.errors import Invalid
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.web.forms import Form, whole
from core.web.visit import Visit, Visiting, keep
from plugins.programmes.codes import END_REASONS, STATES
from plugins.programmes.member_reads import (
    PAGE,
    Narrowed,
    every_member,
    member_of,
    members,
    notes_of,
    stays_of,
)
from plugins.programmes.members import LONGEST, change_referent, enter, leave, note
from plugins.programmes.queries import programme_of, programmes

READ, MEMBERS = {"permission": "programmes.read"}, {"permission": "programmes.members"}
FILTERS = ("programme", "etat", "referent", "secteur", "retard")
"""What the list is narrowed to, in its address: references and codes, never a name."""

WORKERS = TEAM | {"prescriber"}


async def _people(unit: Unit) -> list[tuple[int, str]]:
    """Who may follow a household in a programme."""
    return [
        (p.id, p.name)
        for p in await team(unit)
        if p.current and any(r["role"] in WORKERS for r in p.roles)
    ]


def _asked(visit: Visit) -> dict[str, str]:
    return {n: str(visit.request.query_params.get(n, "")).strip()[:40] for n in FILTERS}


async def _narrowed(unit: Unit, asked: dict[str, str]) -> Narrowed:
    """The filter of an address; what it names and nobody knows shows nothing, not everything."""
    programme = None
    if asked["programme"]:
        programme = await unit.value(
            "SELECT id FROM plugin_programmes.programme WHERE ref = $1", asked["programme"].upper()
        )
    return Narrowed(
        programme_id=(programme or 0) if asked["programme"] else None,
        state=asked["etat"] if asked["etat"] in STATES else "",
        referent_id=(whole(asked["referent"]) or 0) if asked["referent"] else None,
        sector_id=(whole(asked["secteur"]) or 0) if asked["secteur"] else None,
        late=asked["retard"] == "oui",
    )


@get("/programmes/membres", opt=READ)
async def list_members(visit: Visiting) -> Response[str]:
    """Households in programmes, narrowed by the address."""
    asked = _asked(visit)
    after = str(visit.request.query_params.get("apres", ""))[:10].upper()
    async with visit.ctx.unit() as unit:
        rows = await members(unit, await _narrowed(unit, asked), after)
        known = await programmes(unit, ended=True)
        places = await sectors(unit)
        people = await _people(unit)
    kept = {name: value for name, value in asked.items() if value}
    shown = rows[:PAGE]
    more = len(rows) > PAGE
    follow = urlencode({**kept, "apres": shown[-1]["ref"]}) if more else ""
    return visit.page(
        "programmes/admin/members.html",
        fragment="results",
        rows=shown,
        form=visit.blank(asked),
        programmes=[(p["ref"], p["name"]) for p in known],
        states=[(key, visit._(label)) for key, label in STATES.items()],
        people=people,
        sectors=[(s["id"], s["name"]) for s in places],
        reasons=END_REASONS,
        narrowed=bool(kept),
        export=visit.href("/programmes/membres.csv" + (f"?{urlencode(kept)}" if kept else "")),
        pager={
            "shown": len(shown),
            "previous_href": None,
            "next_href": visit.href(f"/programmes/membres?{follow}") if more else None,
        },
    )


HEADINGS = (
    N_("Programme"), N_("Ménage"), N_("Nom"), N_("Prénom"), N_("Personnes"), N_("Secteur"),
    N_("Référent"), N_("Entrée"), N_("Sortie"), N_("Motif de sortie"), N_("Logé depuis l’entrée"),
)  # fmt: skip


@get("/programmes/membres.csv", opt={"permission": "programmes.export"})
async def export(visit: Visiting) -> Stream:
    """The same list as a file for a spreadsheet, sent row by row."""
    asked = _asked(visit)

    async def lines() -> AsyncIterator[str]:
        yield "\ufeff" + _line([visit._(heading) for heading in HEADINGS])
        async with visit.ctx.unit() as unit:
            async for r in every_member(unit, await _narrowed(unit, asked)):
                reason = visit._(END_REASONS[r["end_reason"]]) if r["end_reason"] else ""
                housed = visit._(N_("oui")) if r["housed"] else visit._(N_("non"))
                yield _line(
                    [
                        r["programme"], r["household_ref"], r["family_name"], r["given_name"],
                        r["persons"], r["sector"], r["referent"], r["starts_on"], r["ends_on"],
                        reason, housed,
                    ]
                )  # fmt: skip

    return Stream(
        lines(),
        media_type="text/csv",
        headers={"Content-Disposition": 'attachment; filename="membres.csv"'},
    )


def _line(values: list[Any]) -> str:
    """One line of the file. A text that a spreadsheet would run as a formula gets a quote."""
    out = io.StringIO()
    plain = ["" if value is None else str(value) for value in values]
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow(
        [f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text for text in plain]
    )
    return out.getvalue()


async def _household(visit: Visit, ref: str, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        household_id = await household_id_of(unit, ref)
        stays = await stays_of(unit, household_id)
        known = await programmes(unit)
        people = await _people(unit)
        today = unit.today
    return visit.page(
        "programmes/admin/household.html",
        status=status,
        ref=ref.upper(),
        stays=stays,
        form=form if status != 200 else visit.blank({"on": today.isoformat()}),
        programmes=[(p["ref"], p["name"]) for p in known],
        people=people,
        longest=LONGEST,
        reasons=END_REASONS,
    )


@get("/programmes/menage/{ref:str}", opt=READ)
async def household(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """The programmes of one household, with the form to put it in another."""
    return await _household(visit, ref, visit.blank())


@post("/programmes/menage/{ref:str}", opt=MEMBERS)
async def put_in(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Put a household in a programme."""
    form = await visit.form()
    chosen = form.required("programme", N_("Choisissez un programme."))
    on = form.date("on", required=True)
    words = form.text("words", LONGEST)

    async def work(unit: Unit) -> str:
        assert on is not None
        household_id = await household_id_of(unit, ref)
        programme = await programme_of(unit, chosen)
        return await enter(
            unit, programme["id"], household_id, on=on,
            referent_id=whole(form.value("referent")), words=words,
        )  # fmt: skip

    try:
        form.check()
        member = await visit.once(form, "programmes.enter", work)
    except Invalid as error:
        return await _household(visit, ref, keep(visit, form, error), 422)
    return visit.to(f"/programmes/membre/{member}", N_("Le ménage est entré dans le programme."))


async def _member(visit: Visit, ref: str, form: Form, status: int = 200) -> Response[str]:
    async with visit.ctx.unit() as unit:
        member = await member_of(unit, ref)
        notes = await notes_of(unit, member["id"])
        people = await _people(unit)
        today = unit.today
    start = {"version": member["version"], "referent": member["referent_id"]}
    return visit.page(
        "programmes/admin/member.html",
        status=status,
        member=member,
        notes=notes,
        people=people,
        form=form if status != 200 else visit.blank({**start, "on": today.isoformat()}),
        reasons=END_REASONS,
        reason_options=[(key, visit._(label)) for key, label in END_REASONS.items()],
        longest=LONGEST,
    )


@get("/programmes/membre/{ref:str}", opt=READ)
async def member(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """A household in a programme: dates, referent, notes."""
    return await _member(visit, ref, visit.blank())


@post("/programmes/membre/{ref:str}/note", opt={"permission": "programmes.follow"})
async def write(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Write a note."""
    form = await visit.form()
    words = form.text("note", LONGEST)

    async def work(unit: Unit) -> bool:
        await note(unit, (await member_of(unit, ref))["id"], words)
        return True

    return await _act(visit, ref, form, work, N_("La note est enregistrée."))


@post("/programmes/membre/{ref:str}/referent", opt=MEMBERS)
async def name(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Name who follows the household in the programme."""
    form = await visit.form()
    version = form.integer("version") or 0

    async def work(unit: Unit) -> bool:
        found = await member_of(unit, ref)
        await change_referent(unit, found["id"], whole(form.value("referent")), version)
        return True

    return await _act(visit, ref, form, work, N_("Le référent est enregistré."))


@post("/programmes/membre/{ref:str}/sortie", opt=MEMBERS)
async def take_out(visit: Visiting, ref: FromPath[str]) -> Response[str]:
    """Take a household out of a programme."""
    form = await visit.form()
    on = form.date("on", required=True)
    version = form.integer("version") or 0
    words = form.text("words", LONGEST)

    async def work(unit: Unit) -> bool:
        assert on is not None
        found = await member_of(unit, ref)
        reason = form.value("reason")
        await leave(unit, found["id"], on=on, reason=reason, words=words, version=version)
        return True

    return await _act(visit, ref, form, work, N_("La sortie est notée."))


async def _act(visit: Visit, ref: str, form: Form, work: Any, said: str) -> Response[str]:
    try:
        form.check()
        await visit.once(form, "programmes.member", work)
    except Invalid as error:
        return await _member(visit, ref, keep(visit, form, error), 422)
    return visit.to(f"/programmes/membre/{ref}", said)


HANDLERS = (
    list_members, export, household, put_in, member, write, name, take_out,
)  # fmt: skip
