"""Procedures: what may never be asked, dated versions, the second reader, what they change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.extension.context import Ctx
from core.housing.kinds import shipped_kinds
from core.kernel.errors import Invalid, Refused
from core.placements.procedure_rules import PAPERS, Procedure, papers_of, problems, suspicious
from core.placements.procedures import (
    delays_of,
    procedure_history,
    procedure_of,
    seed_procedures,
    settle_procedure,
    shipped_procedures,
    write_procedure,
)
from core.placements.rules import CHRS_GROUNDS
from core.placements.service import answer
from core.placements.tests.making import proposed, structure
from core.testing import make_professional

PLAIN = Procedure(plain="Le lieu répond.", why="Essai", refusals=("unsuitable_size",))
GROUNDS = ("unsuitable_size", "autonomy", "behaviour", "other")


def wrong(one: Procedure, device: str = "hebergement", lawful: bool = False) -> set[str]:
    return set(problems(one, device=device, lawful_stay_required=lawful, grounds=GROUNDS))


def test_every_shipped_kind_has_a_procedure_that_its_own_rules_accept() -> None:
    shipped, kinds = shipped_procedures(), shipped_kinds()
    assert set(shipped) == set(kinds)
    from core.placements.reasons import reasons_of

    for code, one in shipped.items():
        found = problems(
            one,
            device=kinds[code].device,
            lawful_stay_required=kinds[code].lawful_stay_required,
            grounds=[r.code for r in reasons_of("structure", code)],
        )
        assert found == {}, code
        assert suspicious(one) == (), code


@pytest.mark.parametrize(
    "condition",
    [
        "Être prêt au logement",
        "Avoir séjourné en CHRS",
        "Un passage préalable en hébergement",
        "Autonomie dans les gestes du quotidien",
        "Sevrage depuis six mois",
        "Être passé par un foyer",
        "Capacité à habiter seul",
    ],
)
def test_readiness_or_a_former_stay_is_never_a_condition(condition: str) -> None:
    assert "conditions" in wrong(replace(PLAIN, conditions=(condition,)))


def test_other_conditions_may_be_written() -> None:
    assert wrong(replace(PLAIN, conditions=("Avoir entre 18 et 30 ans",))) == set()


def test_papers_come_from_the_list_and_fit_the_kind() -> None:
    assert "papers" in wrong(replace(PLAIN, papers=("certificate_of_readiness",)))
    assert "papers" in wrong(replace(PLAIN, papers=("lawful_stay",)))
    assert "papers" in wrong(replace(PLAIN, papers=("lawful_stay",)), lawful=True)
    assert wrong(replace(PLAIN, papers=("lawful_stay",)), "logement", True) == set()
    assert "papers" in wrong(replace(PLAIN, papers=("resources",)))
    assert "papers" in wrong(replace(PLAIN, papers=("medical_opinion",)), "logement")
    asked = {p.code for p in papers_of("hebergement", lawful_stay_required=False)}
    assert "lawful_stay" not in asked and asked < set(PAPERS)


def test_a_ground_that_comes_down_to_readiness_is_not_admitted() -> None:
    assert "refusals" in wrong(replace(PLAIN, refusals=("autonomy",)))
    assert "refusals" in wrong(replace(PLAIN, refusals=("unheard_of",)))


async def test_a_new_version_begins_on_its_day_and_the_former_stays(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        await structure(unit)
        await seed_procedures(unit)
        assert await seed_procedures(unit) == 0
        day = unit.today + timedelta(days=3)
        await write_procedure(unit, "chrs", replace(PLAIN, structure_days=20), starts_on=day)
        now, then = await procedure_of(unit, "chrs"), await procedure_of(unit, "chrs", day)
        assert (now["structure_days"], then["structure_days"]) == (7, 20)
        assert now["ends_on"] == day
        assert set(now["refusals"]) == CHRS_GROUNDS
        with pytest.raises(Invalid) as error:
            await write_procedure(unit, "chrs", PLAIN, starts_on=day)
        assert "starts_on" in error.value.errors


async def test_a_text_that_speaks_of_readiness_waits_for_somebody_else(ctx: Ctx) -> None:
    doubtful = replace(PLAIN, steps="La personne doit être prête à habiter.", structure_days=3)
    second = ctx.acting(await make_professional(ctx, "coordinator", name="Relecture"))
    first = ctx.acting(await make_professional(ctx, "coordinator", name="Auteur"))
    async with ctx.unit() as unit:
        await structure(unit)
        await seed_procedures(unit)
    async with first.unit() as unit:
        await write_procedure(unit, "chrs", doubtful, starts_on=unit.today)
        assert (await procedure_of(unit, "chrs"))["structure_days"] == 7
        with pytest.raises(Refused):
            await settle_procedure(unit, "chrs", confirmed=True)
        with pytest.raises(Refused):
            await write_procedure(unit, "chrs", PLAIN, starts_on=unit.today + timedelta(days=9))
    async with second.unit() as unit:
        await settle_procedure(unit, "chrs", confirmed=True)
        assert (await procedure_of(unit, "chrs"))["structure_days"] == 3
        with pytest.raises(Refused):
            await settle_procedure(unit, "chrs", confirmed=False)


async def test_one_set_aside_never_takes_force(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        await structure(unit)
        await seed_procedures(unit)
        text = replace(PLAIN, plain="Il faut être autonome.")
        await write_procedure(unit, "chrs", text, starts_on=unit.today)
        await settle_procedure(unit, "chrs", confirmed=False)
        assert (await procedure_of(unit, "chrs"))["structure_days"] == 7
        assert len(await procedure_history(unit, "chrs")) == 2
        await write_procedure(unit, "chrs", PLAIN, starts_on=unit.today)


async def test_delays_and_grounds_of_a_referral_are_those_of_its_kind(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit, kind="residence_sociale")
        assert (await delays_of(unit, "residence_sociale"))["household_days"] == 7
        await seed_procedures(unit)
        one = replace(
            shipped_procedures()["residence_sociale"],
            household_days=4, structure_days=33, why="Essai", refusals=("unsuitable_size",),
        )  # fmt: skip
        await write_procedure(unit, "residence_sociale", one, starts_on=unit.today)
        referral_id = await proposed(unit, programme_id, kind="residence_sociale")
        by = "SELECT answer_by FROM referral WHERE id = $1"
        assert (await unit.value(by, referral_id)) == unit.now + timedelta(days=4)
        await answer(unit, referral_id, "accept", words="Au téléphone", oral=True)
        await answer(unit, referral_id, "send")
        assert (await unit.value(by, referral_id)) == unit.now + timedelta(days=33)
        with pytest.raises(Invalid) as error:
            await answer(unit, referral_id, "refuse", reason_code="other", words="Autre chose")
        assert "reason_code" in error.value.errors
        await answer(unit, referral_id, "refuse", reason_code="unsuitable_size")


async def test_a_reason_that_asks_for_evidence_needs_a_note_of_it(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit, kind="residence_sociale")
        referral_id = await proposed(unit, programme_id, kind="residence_sociale")
        await answer(unit, referral_id, "accept", words="Au téléphone", oral=True)
        await answer(unit, referral_id, "send")
        asked = {"reason_code": "insufficient_resources", "words": "Trop cher"}
        with pytest.raises(Invalid) as error:
            await answer(unit, referral_id, "refuse", **asked)
        assert "evidence" in error.value.errors
        await answer(unit, referral_id, "refuse", evidence="Calcul du 3 mars", **asked)
        kept = "SELECT evidence FROM referral_state WHERE referral_id = $1 ORDER BY id DESC LIMIT 1"
        assert await unit.value(kept, referral_id) == "Calcul du 3 mars"
