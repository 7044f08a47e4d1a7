"""What acts need before they can be sent: small objects by their number, and where things stand."""

from __future__ import annotations

from datetime import timedelta

from core.accounts.mandates import give_mandate
from core.extension.context import Ctx
from core.households.external import to_report
from core.households.portfolios import open_portfolio
from core.households.service import hand_to_shelter, settle_shelter
from core.housing.service import vacancy_step
from core.kernel.unit import Unit
from core.notifications.post import post_letters
from core.notifications.service import answer as answer_message
from core.placements.alerts import alert_sides
from core.placements.service import answer, ask_visit, exit_stay
from core.testing import NOW, make_professional
from tests.access_world import Files

TODAY = NOW.date()
SOON = TODAY + timedelta(days=5)
TOMORROW = TODAY + timedelta(days=1)
MONTH_AGO = TODAY - timedelta(days=30)


async def stock(ctx: Ctx, held: Files) -> None:
    """The small objects that forms name by their number."""
    worker = await make_professional(ctx, "social_worker", name=f"Relais {held.name}")
    other = await make_professional(
        ctx, "prescriber", name=f"Aide {held.name}", organisation_id=held.prescribers
    )
    async with ctx.unit() as unit:
        ids = held.ids
        ids["worker"], ids["helper"] = worker.account_id or 0, other.account_id or 0
        home = ids["household"]
        await hand_to_shelter(unit, home, "Une nuit")
        await to_report(unit, home, "request", "Demande – motif")
        given = await give_mandate(
            unit, ids["main"], ids["helper"], ["read"], ends_on=SOON, given_how="Par écrit",
            household_id=home,
        )  # fmt: skip
        ids["mandate"] = given
        ids["portfolio"] = await open_portfolio(unit, ids["worker"], public="young")
        for name, sql in {
            "grant": "SELECT id FROM role_grant WHERE account_id = $2 AND $1 > 0",
            "question": "SELECT max(id) FROM field_question WHERE household_id = $1 AND $2 > 0",
            "handover": "SELECT max(id) FROM shelter_handover WHERE household_id = $1 AND $2 > 0",
            "report": "SELECT max(id) FROM external_change WHERE household_id = $1 AND $2 > 0",
        }.items():
            ids[name] = await unit.value(sql, home, ids["worker"])
        ids["version"] = await unit.value(
            "SELECT version FROM housing_request WHERE id = $1", ids["request"]
        )
        ids["sector"] = await unit.value(
            "INSERT INTO sector (code, name, authority) VALUES ($1, $1, '') RETURNING id",
            f"S {held.name}",
        )
        ids["flag"] = await unit.value(
            "INSERT INTO import_flag (run_id, line, code, household_id, person_id, field, details) "
            "SELECT id, 1, 'maybe_known', $2, $3, '', '{}' FROM import_run "
            "WHERE ref = $1 RETURNING id",
            held.refs["imports"], home, ids["main"],
        )  # fmt: skip


# -- what comes before an act ------------------------------------------------------------------


async def admitted(unit: Unit, f: Files) -> None:
    await answer(unit, f.ids["referral"], "admit")


async def refused(unit: Unit, f: Files) -> None:
    await answer(
        unit, f.ids["referral"], "decline", reason_code="prefers_not_to_say", words="Dit au guichet",
        oral=True,
    )  # fmt: skip


async def changed(unit: Unit, f: Files) -> None:
    """Its household changed: either side confirms the proposal."""
    event = await unit.value(
        "INSERT INTO life_event (household_id, kind, on_date, at) "
        "VALUES ($1, 'child_arrives', $2, $3) RETURNING id",
        f.ids["household"], TODAY, unit.now,
    )  # fmt: skip
    await unit.fetch(
        "INSERT INTO referral_review (referral_id, life_event_id, at) VALUES ($1, $2, $3)",
        f.ids["referral"], event, unit.now,
    )  # fmt: skip


async def waiting(unit: Unit, f: Files) -> None:
    """Back on the list, the place free again."""
    await answer(unit, f.ids["referral"], "withdraw", words="Essai", reason_code="place_lost")


async def looked_back(unit: Unit, f: Files) -> None:
    """A referral of some days ago came to its end: there are figures to read."""
    await unit.fetch("UPDATE referral SET proposed_at = proposed_at - interval '5 days'")


async def to_refresh(unit: Unit, f: Files) -> None:
    await waiting(unit, f)
    await unit.fetch(
        "UPDATE waiting_entry SET state = 'to_refresh' WHERE request_id = $1", f.ids["request"]
    )


async def closed(unit: Unit, f: Files) -> None:
    await unit.fetch("UPDATE housing_request SET state = 'closed' WHERE id = $1", f.ids["request"])


async def nothing_runs(unit: Unit, f: Files) -> None:
    """Its demande is closed, nobody waits for an answer: the law lets it be erased."""
    await waiting(unit, f)
    await closed(unit, f)
    await unit.fetch(
        "UPDATE exchange SET answer = 'Bien reçu.', answered_at = $2 WHERE household_id = $1",
        f.ids["household"],
        unit.now,
    )


async def in_review(unit: Unit, f: Files) -> None:
    await unit.fetch(
        "UPDATE housing_request SET state = 'in_review' WHERE id = $1", f.ids["request"]
    )


async def proposed(unit: Unit, f: Files) -> None:
    await unit.fetch("UPDATE referral SET state = 'proposed' WHERE id = $1", f.ids["referral"])


async def seeing(unit: Unit, f: Files) -> None:
    """The household asked to see the place first."""
    await proposed(unit, f)
    await ask_visit(unit, f.ids["referral"], "Le matin")


async def stalled(unit: Unit, f: Files) -> None:
    """Both sides have something to read."""
    await alert_sides(unit, f.ids["referral"], "stalled", structure=True)


async def reread(unit: Unit, f: Files) -> None:
    """A procedure waits for its second reader."""
    await unit.fetch(
        "INSERT INTO referral_procedure (kind, plain, starts_on, written_at, found) "
        "VALUES ('chrs', 'Prêt à entrer', $1, $2, '{prêt à}')",
        SOON,
        unit.now,
    )


async def accepted(unit: Unit, f: Files) -> None:
    await proposed(unit, f)
    await answer(unit, f.ids["referral"], "accept", words="Au téléphone", oral=True)


async def settled(unit: Unit, f: Files) -> None:
    await settle_shelter(unit, f.ids["handover"], "sheltered")


async def answered(unit: Unit, f: Files) -> None:
    written = await unit.value("SELECT id FROM exchange WHERE ref = $1", f.refs["message"])
    await answer_message(unit, written, "Bien reçu.")


async def given_back(unit: Unit, f: Files) -> None:
    await waiting(unit, f)
    place = await unit.value("SELECT id FROM vacancy WHERE ref = $1", f.refs["places"])
    await vacancy_step(unit, place, "give_back", reason="Essai")


async def gone(unit: Unit, f: Files) -> None:
    stay = await unit.value("SELECT id FROM placement WHERE ref = $1", f.refs["sejours"])
    await exit_stay(unit, stay, on=TODAY, exit_code=101)


async def untold(unit: Unit, f: Files) -> None:
    """Nobody told the main person yet that there is news."""
    await unit.fetch("DELETE FROM outgoing_message WHERE person_id = $1", f.ids["main"])
    await unit.fetch(
        "INSERT INTO outgoing_message (ref, person_id, household_id, channel, template, state, "
        "created_at, error) VALUES ($4, $1, $2, 'sms', 'notice', 'waiting', $3, 'later')",
        f.ids["main"],
        f.ids["household"],
        unit.now,
        f.refs["envois"],
    )


async def posted(unit: Unit, f: Files) -> None:
    """The letter to the main person left."""
    await post_letters(unit, [f.refs["courriers"]], unit.today)


async def on_desk(unit: Unit, f: Files) -> None:
    """Everybody's own desk says something of the household, not yet read."""
    await unit.fetch(
        "INSERT INTO outgoing_message (account_id, household_id, channel, template, state, "
        "created_at, sent_at) SELECT id, $1, 'desk', 'referral.proposed', 'sent', $2, $2 "
        "FROM account",
        f.ids["household"],
        unit.now,
    )


async def alone(unit: Unit, f: Files) -> None:
    """The main person lets nobody act, and the worker follows the household."""
    await unit.fetch(
        "UPDATE mandate SET revoked_at = $2 WHERE person_id = $1", f.ids["main"], unit.now
    )
    await unit.fetch(
        "INSERT INTO key_worker (household_id, account_id, role, starts_on, end_reason) "
        "VALUES ($1, $2, 'prescriber', $3, '')",
        f.ids["household"],
        f.ids["worker"],
        unit.today,
    )


async def undrafted(unit: Unit, f: Files) -> None:
    """The rule of a list with nobody writing the next one."""
    await unit.fetch("UPDATE ranking_draft SET ended_at = $1 WHERE kind = 'chrs'", unit.now)


async def replaying(unit: Unit, f: Files) -> None:
    """A replay that is under way."""
    await unit.fetch(
        "UPDATE simulation SET state = 'running' WHERE ref = $1", f.refs["simulations"]
    )


async def reported(unit: Unit, f: Files) -> None:
    """The change was said to be entered in SI-SIAO."""
    await unit.fetch(
        "UPDATE external_change SET done_at = $2 WHERE id = $1", f.ids["report"], unit.now
    )
