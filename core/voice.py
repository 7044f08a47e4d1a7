"""How a territory speaks to people outside of any page: its languages, its names, its addresses."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

from core.extension.context import Ctx
from core.kernel.words import UNREVIEWED
from core.notifications.content import Tongue, Voice
from core.web.words import (
    catalogue,
    direction,
    format_date,
    format_datetime,
    format_money,
)

WORDS = Path(__file__).parent / "locale"


def voice_of(ctx: Ctx) -> Voice:
    """The voice of the territory of `ctx`, for messages and letters."""
    place = ctx.place

    def tongue(lang: str) -> Tongue:
        base = lang.split("@")[0]
        moment = partial(format_datetime, lang=base, zone=place.zone)
        return Tongue(
            lang=base,
            dir=direction(lang),
            gettext=catalogue(lang, (WORDS,), place.vocabulary).gettext,
            day=partial(format_date, lang=base),
            moment=lambda at: moment(at if isinstance(at, datetime) else None),
            money=partial(format_money, lang=base),
            reviewed=lang not in UNREVIEWED,
        )

    face = next((f for f in ctx.registry.faces.values() if f.languages), None)
    base = ctx.settings.public_url.rstrip("/")

    def portal(lang: str) -> str:
        return f"{base}{face.prefix}/{place.slug}/{lang}/" if face else f"{base}/"

    return Voice(
        langs=place.langs,
        country=place.country,
        tongue=tongue,
        portal=portal,
        team=place.team_name,
        phone=place.team_phone,
        emergency=place.emergency_phone,
    )
