"""A resident's code card, printed as a letter with its QR, and the sheet of codes to come back.

Both are issued once, shown once and printed on one page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import segno
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response
from markupsafe import Markup

from admin.files import pdf_file
from core.accounts.circle import circle_of
from core.accounts.letter import LETTER, SHEET
from core.accounts.passwords import read_code
from core.accounts.service import hash_of_card, issue_code
from core.accounts.ways_back import SHEET_DAYS, codes_left, draw_sheet, has_come, issue_sheet
from core.households.queries import household_id_of, members_on
from core.kernel.errors import NotFound, Refused
from core.kernel.unit import Unit
from core.kernel.words import N_, Sentence
from core.notifications.content import Block, Letter, head, put, text
from core.notifications.paper import pdf
from core.territories.queries import settings_on
from core.voice import voice_of
from core.web.visit import Visit, Visiting
from core.web.words import direction, format_date

ASK = "codes.issue"


async def _member(visit: Visit, unit: Unit, ref: str, person: str) -> tuple[str, Any]:
    household_id = await household_id_of(unit, ref)
    for member in await members_on(unit, household_id, unit.today):
        if member["ref"] == person:
            return ref.upper(), member
    raise NotFound()


@get("/menages/{ref:str}/carte/{person:str}", opt={"permission": ASK})
async def ask(visit: Visiting, ref: FromPath[str], person: FromPath[str]) -> Response[str]:
    """What a card does, and the buttons that make one, or a sheet of codes to come back."""
    return await _explain(visit, ref, person)


async def _explain(
    visit: Visit, ref: str, person: str, refused: str = "", again: str = "", status: int = 200
) -> Response[str]:
    async with visit.ctx.unit() as unit:
        ref, member = await _member(visit, unit, ref, person)
        came = await has_come(unit, member["person_id"])
        left = await codes_left(unit, member["person_id"])
    return visit.page(
        "admin/households/card_ask.html",
        status=status,
        ref=ref,
        m=member,
        refused=refused,
        again=again,
        came=came,
        left=left,
        form=visit.blank(),
    )


@post("/menages/{ref:str}/carte/{person:str}", opt={"permission": ASK})
async def issue(visit: Visiting, ref: FromPath[str], person: FromPath[str]) -> Response[str]:
    """Make a card, or a sheet of codes (`sheet`), and show its letter, this once.

    The answer is the letter itself: the code is kept nowhere, so no other page could show it (what
    answers a form is sealed until the browser has fetched it, and this once). The same form sent
    again makes no second card, and says so.
    """
    form = await visit.form()
    made: dict[str, Any] = {}
    secret = visit.ctx.settings.secret_key
    of_sheet = form.value("sheet") == "yes"
    codes = await draw_sheet(visit.ctx.place.id, secret) if of_sheet else []

    async def work(unit: Unit) -> dict[str, Any]:
        _, member = await _member(visit, unit, ref, person)
        settings = await settings_on(unit, unit.today)
        if of_sheet:
            days = int(settings.get("sheet_days", SHEET_DAYS))
            made["expires"] = await issue_sheet(unit, member["person_id"], codes, days=days)
            return {}
        days = settings.get("code_days", 21)
        code, expires = await issue_code(unit, member["person_id"], secret, days=int(days))
        made.update(code=code, expires=expires)
        return {}

    refused = ""
    try:
        await visit.once(form, "access.issue_sheet" if of_sheet else "access.issue_code", work)
    except Refused as error:
        refused = visit._(error.message) % error.params
    async with visit.ctx.unit() as unit:
        shown, member = await _member(visit, unit, ref, person)
        worker = await unit.row(_WORKER, shown, unit.today)
        close = await circle_of(unit, member["person_id"], "card")
    if not made:
        again = "" if refused else "sheet" if of_sheet else "card"
        return await _explain(visit, ref, person, refused, again, status=409 if refused else 200)
    place = visit.ctx.place
    lang = member["language"] if member["language"] in place.langs else place.langs[0]
    base = visit.ctx.settings.public_url.rstrip("/")
    address = f"{base}/{place.slug}/{lang}/entrer"
    if of_sheet:
        response = visit.page(
            "admin/households/sheet.html",
            ref=shown,
            m=member,
            codes=[code for code, _ in codes],
            address=address,
            letters=[_letter(visit, c, SHEET, member, made) for c in dict.fromkeys((lang, "fr"))],
        )
        response.headers["Cache-Control"] = "no-store"
        return response
    # Behind the `#`: what stands there never leaves the telephone that reads it.
    picture = segno.make(f"{address}#code={made['code']}", error="m")
    letters = [_letter(visit, code, LETTER, member, made) for code in dict.fromkeys((lang, "fr"))]
    response = visit.page(
        "admin/households/card.html",
        once=True,
        form=visit.blank(),
        ref=shown,
        m=member,
        code=made["code"],
        address=address,
        qr=Markup(picture.svg_inline(scale=4, border=2, omitsize=True)),  # noqa: S704
        letters=letters,
        worker=worker,
        close=close,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _letter(
    visit: Visit, lang: str, words: Mapping[str, str], member: Any, made: Mapping[str, Any]
) -> dict[str, Any]:
    said = visit.request.app.state.templates.catalogue(lang, visit.vocabulary).gettext
    base = lang.split("@")[0]
    filled = {"name": member["given_name"], "day": format_date(made["expires"].date(), lang=base)}
    lines = {key: said(text) % filled for key, text in words.items()}
    return {"lang": base, "dir": direction(lang), **lines}


_WORKER = """
SELECT a.name, a.phone FROM key_worker k JOIN account a ON a.id = k.account_id
JOIN household h ON h.id = k.household_id
WHERE h.ref = $1 AND k.starts_on <= $2 AND (k.ends_on IS NULL OR k.ends_on > $2)
ORDER BY k.role = 'prescriber' DESC LIMIT 1
"""


@post("/menages/{ref:str}/carte/{person:str}/pdf", opt={"permission": ASK})
async def as_file(visit: Visiting, ref: FromPath[str], person: FromPath[str]) -> Response[Any]:
    """The letter just shown, as a file: its page sends the code back, since nothing here keeps it.

    Only a code that is live for this very person is printed; nothing is written.
    """
    form = await visit.form()
    # Slow on purpose, so before the Unit.
    card = await hash_of_card(form.value("code"), visit.ctx.place.id, visit.ctx.settings.secret_key)
    async with visit.ctx.unit() as unit:
        _shown, member = await _member(visit, unit, ref, person)
        expires = await unit.value(_LIVE, card, member["person_id"], unit.now)
        today = unit.today
    if expires is None:
        said = visit._(N_("Ce code ne vaut plus : faites une nouvelle carte."))
        return await _explain(visit, ref, person, said, status=409)
    code = read_code(form.value("code")) or ""
    voice = voice_of(visit.ctx)
    lang = voice.speaks(member["language"])
    address = f"{voice.portal(lang)}entrer"
    letter = Letter(
        Sentence(LETTER["title"]),
        (
            text(LETTER["why"]),
            head(LETTER["how"]),
            text(LETTER["step_1"]),
            Block("words", (address,)),
            text(LETTER["step_2"]),
            Block("code", (Sentence(LETTER["code"]),)),
            text(LETTER["until"], day=expires.date()),
            text(LETTER["after"]),
            text(LETTER["secret"]),
        ),
    )
    square = segno.make(f"{address}#code={code}", error="m")
    kept = put(
        letter, voice, language=member["language"], given=member["given_name"],
        family=member["family_name"], address="", on=today,
    )  # fmt: skip
    kept["code"] = {"text": code, "square": square.svg_inline(scale=4, border=2)}
    return pdf_file(await pdf([kept], visit._(N_("Carte d’accès")), cover=False), "carte")


_LIVE = """
SELECT expires_at FROM access_code WHERE hash = $1 AND person_id = $2 AND used_at IS NULL
  AND voided_at IS NULL AND expires_at > $3
"""

HANDLERS = (ask, issue, as_file)
