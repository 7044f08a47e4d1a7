"""A territory of the demonstration set up: its team, its sectors, who brings and who houses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from core.accounts.service import create_professional, grant_role
from core.demo.agenda import Agenda
from core.demo.colleagues import colleague, team_of
from core.demo.places import OFFERS, Land
from core.extension.context import Ctx
from core.households.portfolios import open_portfolio
from core.housing.service import add_unit, open_programme, register_organisation
from core.housing.versions import reword_kind
from core.kernel.unit import Actor, Unit
from core.territories.service import add_area, open_sector

PASSWORD = "bienvenue-au-seuil"  # noqa: S105
"""The one password of every professional of the demonstration; never used anywhere else."""


SUPPORT = {
    "chrs": 4, "stabilisation": 4, "chu": 3, "rhvs": 1, "alt": 2, "residence_sociale": 2, "fjt": 2,
    "rhj": 2, "pension_de_famille": 4, "residence_accueil": 4, "iml_sous_location": 3,
    "bail_glissant": 3,
}  # fmt: skip
"""The most intense support that structures give by kind; the others have not said."""


@dataclass
class Scene:
    """One territory while it lives: who acts there, and where."""

    land: Land
    ctx: Ctx
    agenda: Agenda
    rng: Random
    start: date
    telling_from: datetime
    """From when on households are told what happens: what they were told before is long read."""
    team: dict[str, Actor] = field(default_factory=dict)
    workers: list[Actor] = field(default_factory=list)
    prescribers: list[Actor] = field(default_factory=list)
    brought_by: list[str] = field(default_factory=list)
    """The kind of organisation of each prescriber."""
    structures: dict[int, Actor] = field(default_factory=dict)
    """By organisation."""
    sectors: list[int] = field(default_factory=list)
    areas: list[int] = field(default_factory=list)
    units: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """By kind: units and their organisation."""
    phones: int = 0
    desks: int = 0

    def act(self, actor: Actor | None) -> Unit:
        """One act of somebody, with only that person's rights; None is the clock's own work."""
        if actor is None:
            return Unit(
                territory_id=self.ctx.place.id, clock=self.ctx.clock, zone=self.ctx.place.zone
            )
        unit = self.ctx.acting(actor).unit()
        if self.ctx.clock.now() < self.telling_from:
            unit.consumers = ()
        return unit

    def phone(self) -> str:
        """A number that no operator gives to anybody."""
        self.phones += 1
        return f"{self.land.mobile} {self.phones // 100:02d} {self.phones % 100:02d}"

    def desk(self) -> str:
        """A colleague's own line, next to the team's and given to nobody either."""
        self.desks += 1
        return f"{self.land.team_phone[:-2]}{self.desks:02d}"

    @property
    def coordinator(self) -> Actor:
        return self.team["coordination"]


async def set_up(scene: Scene, part: float) -> None:
    """Open the territory's team, sectors, organisations and places. `part`: 1 is the full size."""
    land, slug = scene.land, scene.land.slug
    async with scene.act(None) as unit:
        for name, role, short in team_of(land):
            actor = await _colleague(
                scene, unit, name, role, f"{short}@{slug}.test", password=PASSWORD
            )
            scene.team[short] = actor
            if role == "social_worker":
                scene.workers.append(actor)
        by_code = {}
        for sector in land.sectors:
            by_code[sector.code] = await open_sector(
                unit, code=sector.code, name=sector.name, authority=sector.authority
            )
        for name, postcode, codes in land.areas:
            scene.areas.append(
                await add_area(
                    unit, name=name, postcode=postcode, sector_ids=[by_code[c] for c in codes]
                )
            )
        scene.sectors = list(by_code.values())
        for code, label in land.kinds.items():
            await reword_kind(
                unit,
                code,
                starts_on=date(2001, 1, 1),
                label=label,
                source="Vocabulaire du territoire",
            )
    async with scene.act(scene.coordinator) as unit:
        for number, worker in enumerate(scene.workers):
            assert worker.account_id is not None
            sector_id = scene.sectors[number % len(scene.sectors)]
            await open_portfolio(unit, worker.account_id, sector_id=sector_id)
        await _prescribers(scene, unit, max(3, round(16 * part)))
        await _housing(scene, unit, part)
    async with scene.act(scene.team["administration"]) as unit:
        for organisation_id in sorted({o for units in scene.units.values() for _, o in units}):
            number = len(scene.structures)
            actor = await _colleague(
                scene,
                unit,
                colleague(land, len(scene.prescribers) + number),
                "structure",
                f"structure{number + 1}@{slug}.test",
                organisation_id=organisation_id,
            )
            scene.structures[organisation_id] = actor


async def _colleague(
    scene: Scene,
    unit: Unit,
    name: str,
    role: str,
    email: str,
    *,
    organisation_id: int | None = None,
    password: str | None = None,
) -> Actor:
    account_id = await create_professional(
        unit, name=name, email=email, password=password, phone=scene.desk()
    )
    await grant_role(unit, account_id, role, organisation_id=organisation_id)
    return Actor(
        kind="professional",
        account_id=account_id,
        name=name,
        grants=frozenset({(role, organisation_id)}),
    )


async def _prescribers(scene: Scene, unit: Unit, count: int) -> None:
    """Who brings households: one worker each, the first with a password to try it."""
    land, taken = scene.land, set[str]()
    for number in range(count):
        pattern, kind = land.prescribers[number % len(land.prescribers)]
        communes = [
            land.areas[(number * 5 + n) % len(land.areas)][0] for n in range(len(land.areas))
        ]
        commune = next(c for c in communes if _of(pattern, c) not in taken)
        taken.add(_of(pattern, commune))
        organisation_id = await register_organisation(
            unit, name=_of(pattern, commune), kind=kind, address=commune
        )
        scene.brought_by.append(kind)
        short = "prescripteur" if number == 0 else f"prescripteur{number}"
        scene.prescribers.append(
            await _colleague(
                scene,
                unit,
                colleague(land, number),
                "prescriber",
                f"{short}@{land.slug}.test",
                organisation_id=organisation_id,
                password=PASSWORD if number == 0 else None,
            )
        )


def _of(pattern: str, commune: str) -> str:
    """« de Le Blanc-Mesnil » reads « du Blanc-Mesnil », « de Obernai » « d’Obernai »."""
    name = pattern.format(commune)
    for wrong, right in ((" de Les ", " des "), (" de Le ", " du "), (" de La ", " de la ")):
        name = name.replace(wrong, right)
    for vowel in "AEIOUÉ":
        name = name.replace(f" de {vowel}", f" d’{vowel}")
    return name


async def _housing(scene: Scene, unit: Unit, part: float) -> None:
    """Organisations that house, their programmes and places."""
    land, rng = scene.land, scene.rng
    opened = scene.start - timedelta(days=900)
    owners: list[int] = []
    number = 0
    for offer in OFFERS:
        programmes = max(1, round(offer.programmes * part))
        units = max(programmes, round(offer.units * part))
        for which in range(programmes):
            word = land.words[number % len(land.words)]
            area = scene.areas[rng.randrange(len(scene.areas))]
            if number % 4 != 3 or not owners:
                ward = land.words[(number * 7 + 3) % len(land.words)]
                series = number // len(land.words)
                called = ("Association", "Fondation", "Maisons")[series % 3]
                owners.append(
                    await register_organisation(
                        unit, name=f"{called} {word} et {ward}", kind="Association"
                    )
                )
            organisation_id = owners[-1] if number % 4 != 3 else owners[number // 3 % len(owners)]
            programme_id = await open_programme(
                unit,
                organisation_id,
                name=land.named(offer).format(word),
                kind=offer.kind,
                area_id=area,
                address=f"{rng.randint(1, 90)} rue {word}",
                phone="",
                animals=rng.choice((1, 2, 2, 4)),
                support=SUPPORT.get(offer.kind),
                opened_on=opened,
            )
            number += 1
            share = units // programmes + (which < units % programmes)
            for place in range(share):
                typology, least, most = offer.sizes[place % len(offer.sizes)]
                unit_id = await add_unit(
                    unit,
                    programme_id,
                    label=f"{place // 10 + 1}{place % 10 + 1:02d}",
                    typology=typology,
                    min_persons=least,
                    max_persons=most,
                    accessible=1 if place % 9 == 0 else 2,
                    floor=place // 10,
                    cost_cents=(offer.cost + 55 * (most - 1)) * 100 if offer.cost else 0,
                )
                scene.units.setdefault(offer.kind, []).append((unit_id, organisation_id))
