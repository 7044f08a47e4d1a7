"""Two teams' files in one territory and a third elsewhere, each with words that must not travel."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from core.accounts.circle import add_to_circle
from core.accounts.service import resident_account
from core.accounts.sessions import RESIDENT
from core.extension.context import Ctx
from core.households.service import ask_question, set_answer, write_note
from core.kernel.unit import Actor
from core.matching.rulebook import open_draft
from core.notifications.service import write
from core.opening import furnish
from core.placements.passing import same_for_all
from core.placements.service import answer, declare_emergency, move_in, propose
from core.placements.tests.making import place, structure
from core.requests.tests.making import listed, organisation
from core.testing import make_professional


@dataclass
class Files:
    """What one team holds: references by the word of an address, and the canaries in its rows."""

    name: str
    prescribers: int
    structure: int
    refs: dict[str, str] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)

    def word(self, what: str) -> str:
        """A word found nowhere else: `Propre` + `sante` and the like."""
        return f"{self.name}{what}canari"


async def files(ctx: Ctx, name: str) -> Files:
    """A couple waiting, one of its referrals at a structure; another household that moved in."""
    async with ctx.unit() as unit:
        prescribers = await organisation(unit, f"CCAS {name}")
        organisation_id, programme_id = await structure(unit, name=f"{name} structure")
        held = Files(name, prescribers, organisation_id)
        request_id = await listed(
            unit, family=held.word("nom"), couple=True, organisation_id=prescribers
        )
        row = await unit.row(
            "SELECT r.ref, r.household_id, h.ref AS household FROM housing_request r "
            "JOIN household h ON h.id = r.household_id WHERE r.id = $1",
            request_id,
        )
        assert row is not None
        household_id = row["household_id"]
        people = await unit.fetch(
            "SELECT m.person_id, p.ref FROM membership m JOIN person p ON p.id = m.person_id "
            "WHERE m.household_id = $1 ORDER BY m.role",
            household_id,
        )
        main, partner = people
        for what in ("health", "justice", "child", "violence"):
            await write_note(unit, household_id, held.word(what), field_class=what)
        await write_note(unit, household_id, held.word("social"), field_class="social")
        await set_answer(unit, household_id, "social_housing_no", 1, value=held.word("reponse"))
        await ask_question(
            unit, household_id, "health_follow_up", held.word("question"),
            to_account_id=unit.actor.account_id,
        )  # fmt: skip
        await add_to_circle(
            unit, main["person_id"], name=held.word("proche"), tie="family", scope=["card"],
            ends_on=unit.today + timedelta(days=30), given_how="À l’oral", phone="0601020304",
        )  # fmt: skip
        held.refs["proches"] = await unit.value(
            "SELECT ref FROM circle_member WHERE person_id = $1", main["person_id"]
        )
        about = ("request", request_id)
        for person, what in ((main, "message"), (partner, "confidence")):
            exchange_id = await write(
                unit, household_id, person["person_id"], "message", held.word(what), about=about
            )
            ref = await unit.value("SELECT ref FROM exchange WHERE id = $1", exchange_id)
            held.refs[what] = ref
        vacancy_id = await place(unit, programme_id)
        referral_id = await propose(
            unit, vacancy_id, request_id, words=held.word("proposition"),
            why=same_for_all("household_wish"),
        )  # fmt: skip
        await answer(unit, referral_id, "accept", words=held.word("accord"), oral=True)
        await answer(unit, referral_id, "send")
        settled = await listed(
            unit, family=held.word("loge"), given="Lou", birth=date(1990, 5, 6),
            organisation_id=prescribers,
        )  # fmt: skip
        inside = await propose(
            unit, await place(unit, programme_id), settled, why=same_for_all("household_wish")
        )
        await answer(unit, inside, "accept", words="Au téléphone", oral=True)
        await answer(unit, inside, "send")
        await answer(unit, inside, "admit")
        placement_id = await move_in(unit, inside, on=unit.today)
        run_id = await unit.value(
            "INSERT INTO import_run (ref, file_name, file_hash, state, started_at, started_by) "
            "VALUES ($1, $2, ''::bytea, 'done', $3, $4) RETURNING id",
            f"{name.upper():0<10}"[:10],
            held.word("fichier"),
            unit.now,
            unit.actor.account_id,
        )
        sharing_id = await unit.value(
            "INSERT INTO sharing (ref, how, at) VALUES ($1, 'load', $2) RETURNING id",
            f"{name.upper():Z<10}"[:10],
            unit.now,
        )
        await furnish(unit)
        held.refs["simulations"] = await _replayed(unit, name)
        figures = await unit.value(
            "INSERT INTO figure_publication (ref, organisation_id, starts_on, ends_on, values, "
            "drafted_at, comment_until, comment) VALUES ($1, $2, '2025-01-01', '2026-01-01', "
            "'{\"outcomes\": {}}', $3, $4, $5) RETURNING id",
            f"F{name.upper():0<9}"[:10], organisation_id, unit.now, unit.today,
            held.word("chiffres"),
        )  # fmt: skip
        held.ids = {
            "household": household_id, "request": request_id, "main": main["person_id"],
            "partner": partner["person_id"], "referral": referral_id,
        }  # fmt: skip
        held.refs |= {
            "menages": row["household"],
            "reponse": "0000000000",
            "demandes": row["ref"],
            "listes": row["ref"],
            "personnes": main["ref"],
            "carte": main["ref"],
            "messages": held.refs["message"],
            **await _letter(unit, held, main["person_id"]),
            "orientations": await _ref(unit, "referral", referral_id),
            "proposition": await _ref(unit, "referral", referral_id),
            "places": await _ref(unit, "vacancy", vacancy_id),
            "sejours": await _ref(unit, "placement", placement_id),
            "structures": await _ref(unit, "programme", programme_id),
            "unit": str(
                await unit.value(
                    "SELECT u.ref FROM vacancy v JOIN housing_unit u ON u.id = v.unit_id "
                    "WHERE v.id = $1",
                    vacancy_id,
                )
            ),
            "imports": await _ref(unit, "import_run", run_id),
            "repartir": await _ref(unit, "sharing", sharing_id),
            "mes-chiffres": await _ref(unit, "figure_publication", figures),
            "urgence": await _urgent(unit, programme_id),
        }
    return held


async def _letter(unit: Any, held: Files, person_id: int) -> dict[str, str]:
    """A letter to somebody, printed and not yet posted: its reference by the words of addresses."""
    ref, batch = f"LETTRE{held.name.upper():0<10}"[:10], f"LOT{held.name.upper():0<10}"[:10]
    part = {
        "lang": "fr", "dir": "ltr", "title": "Lettre", "hello": "Bonjour", "foot": [],
        "blocks": [{"kind": "words", "lines": [held.word("proposition")], "rows": []}],
    }  # fmt: skip
    content = {
        "version": 1, "on": "2026-03-12", "to": {"name": held.word("nom"), "address": "1 rue"},
        "from": {"team": "Équipe", "sender": ""}, "parts": [part],
    }  # fmt: skip
    await unit.fetch(
        "INSERT INTO outgoing_message (ref, person_id, household_id, channel, template, state, "
        "created_at, content, printed_at, batch) "
        "VALUES ($1, $2, $3, 'letter', 'key_worker.assigned', 'waiting', $4, $5, $4, $6)",
        ref, person_id, held.ids["household"], unit.now, json.dumps(content), batch,
    )  # fmt: skip
    return {"envois": ref, "courriers": ref, "lots": batch}


async def _urgent(unit: Any, programme_id: int) -> str:
    """An emergency admission that the structure declared, of somebody whose file it may not read."""
    made = await declare_emergency(
        unit, await place(unit, programme_id, free=False), number="0000000000",
        birth=date(1985, 4, 3), on=unit.today, told_on=unit.today, why="Nuit de gel",
    )  # fmt: skip
    return await _ref(unit, "emergency_admission", made)


async def _replayed(unit: Any, name: str) -> str:
    """A draft of the CHRS rule, and a replay of that list that is over."""
    draft_id = await open_draft(unit, "chrs", seed=b"essai")
    await unit.fetch(
        "UPDATE ranking_draft SET text = 'Les plus anciennes d’abord.', why = 'Essai' "
        "WHERE id = $1 AND why = ''",
        draft_id,
    )
    ref = f"{name.upper():0>10}"[:10]
    await unit.fetch(
        "INSERT INTO simulation (ref, kind, keys, starts_on, ends_on, state, asked_at) "
        "VALUES ($1, 'chrs', '[\"seniority\"]', $2, $3, 'stopped', $4)",
        ref, unit.today - timedelta(days=30), unit.today, unit.now,
    )  # fmt: skip
    return ref


async def _ref(unit: Any, table: str, row_id: int) -> str:
    return str(await unit.value(f"SELECT ref FROM {table} WHERE id = $1", row_id))


async def people(ctx: Ctx, own: Files) -> dict[str, Actor | None]:
    """One of each role, at work on `own`; the resident is the first adult of its couple."""
    at = {"prescriber": own.prescribers, "structure": own.structure}
    roles = ("coordinator", "social_worker", "administrator", "prescriber", "structure", "observer")
    who: dict[str, Actor | None] = {
        role: await make_professional(ctx, role, organisation_id=at.get(role)) for role in roles
    }
    async with ctx.unit() as unit:
        account_id = await resident_account(unit, own.ids["main"])
    who["resident"] = Actor("resident", account_id, own.ids["main"], grants=RESIDENT)
    who["nobody"] = None
    return who
