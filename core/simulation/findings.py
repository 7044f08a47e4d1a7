"""What a replay found: places, waits and groups in each world, with intervals. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from math import sqrt
from zoneinfo import ZoneInfo

import msgspec

from core.figures.estimates import Z95, Spell, survival
from core.kernel.words import N_
from core.matching.comparing import DIMENSIONS
from core.simulation.replay import Choice, Film, Past, waits

EVERYBODY = ""
"""The dimension whose only group is everybody."""

LIMITS: tuple[str, ...] = (
    N_("Chaque place est donnée au premier ménage à qui elle convient, qui l’accepte aussitôt."),
    N_(
        "La convenance est jugée sur la taille, l’accessibilité, les animaux et les communes "
        "refusées, tels qu’on les savait ce jour-là. Les conditions des extensions, les ressources "
        "et le public des structures ne sont pas rejoués."
    ),
    N_(
        "Les places sont les mêmes, aux mêmes dates, avec la même graine de tirage : la règle "
        "essayée ne libère ni ne retarde aucune place."
    ),
    N_(
        "Un ménage sorti de la liste pour une autre raison qu’une de ces places en sort le même "
        "jour dans les deux mondes."
    ),
    N_(
        "Un ménage placé en réalité mais pas dans le monde rejoué y attend jusqu’à la fin de la "
        "période, sans actualisation ni sortie de liste."
    ),
    N_(
        "Les groupes sont ceux d’aujourd’hui : la composition, le secteur et le prescripteur d’un "
        "ménage peuvent avoir changé depuis."
    ),
    N_(
        "Un fait effacé ou jamais noté à sa date n’est pas rejoué ; une mention compte du jour où "
        "elle a été écrite."
    ),
    N_(
        "Les intervalles disent le hasard d’un petit nombre de ménages, pas l’effet des hypothèses "
        "ci-dessus."
    ),
)
"""What a reader must know before believing a figure: shown with each report."""


class Wait(msgspec.Struct, frozen=True):
    """Days until half of a group is housed, with its 95 % interval; None where not reached."""

    median: int | None
    low: int | None
    high: int | None
    housed: int


class GroupFound(msgspec.Struct, frozen=True):
    """A group in both worlds: `before` is under the rules in force, `after` under the one tried.

    `gained`: housed only after; `lost`: only before. `change` is in points of the share housed,
    with its 95 % interval (Agresti and Min, Statistics in Medicine 24 (2005) 729–740).
    """

    dimension: str
    code: str
    households: int
    persons: int
    real: int
    gained: int
    lost: int
    change: float
    low: float
    high: float
    before: Wait
    after: Wait


class PlaceFound(msgspec.Struct, frozen=True):
    """One place: to which demande it went really, before and after. `fitted`: those it fitted."""

    vacancy_id: int
    on: date
    real: int
    before: int | None
    after: int | None
    fitted: int


class Found(msgspec.Struct, frozen=True):
    """The whole report, as it is stored. `limits` are those it was made under."""

    places: tuple[PlaceFound, ...]
    groups: tuple[GroupFound, ...]
    versions: tuple[int, ...]
    limits: tuple[str, ...]

    @property
    def everybody(self) -> GroupFound:
        return next(g for g in self.groups if g.dimension == EVERYBODY)

    @property
    def same(self) -> int:
        """Places that both rules give to the same household."""
        return sum(p.before == p.after for p in self.places)

    @property
    def as_really(self) -> int:
        """Places that the rules in force, replayed, give to whom they really went to."""
        return sum(p.before == p.real for p in self.places)


def paired_change(gained: int, lost: int, whole: int) -> tuple[float, float, float]:
    """The change of a share between two worlds of the same people, with its 95 % interval, in
    points; half a person is added to each of the four cells (Agresti and Min 2005)."""
    if not whole:
        return 0.0, -100.0, 100.0
    b, c, n = gained + 0.5, lost + 0.5, whole + 2
    middle = (b - c) / n
    spread = Z95 * sqrt(max(0.0, b + c - (b - c) ** 2 / n)) / n
    change = (gained - lost) / whole
    return tuple(  # type: ignore[return-value]
        round(100 * v, 1) for v in (change, max(-1, middle - spread), min(1, middle + spread))
    )


def findings(
    film: Film,
    choices: Sequence[tuple[Choice, int]],
    starts: datetime,
    ends: datetime,
    versions: Sequence[int],
) -> Found:
    """The report of a replay that is over. `starts` and `ends` are the period's instants."""
    seen = _on_list(film, starts, ends)
    taken: tuple[dict[int, datetime], dict[int, datetime]] = ({}, {})
    for place, (choice, _) in zip(film.places, choices, strict=True):
        for side in (0, 1):
            request_id = choice[side]
            if request_id is not None:
                taken[side][request_id] = place.at
    groups = [_group(EVERYBODY, "", seen, film, taken, starts, ends)]
    for dimension in DIMENSIONS:
        parts: dict[str, list[Past]] = {}
        for past in seen:
            parts.setdefault(past.groups.get(dimension, ""), []).append(past)
        groups += [
            _group(dimension, code, parts[code], film, taken, starts, ends)
            for code in sorted(parts, key=lambda c: (-len(parts[c]), c))
        ]
    zone = ZoneInfo(film.zone)
    return Found(
        places=tuple(
            PlaceFound(
                place.vacancy_id,
                place.at.astimezone(zone).date(),
                place.request_id,
                choice[0],
                choice[1],
                fitted,
            )
            for place, (choice, fitted) in zip(film.places, choices, strict=True)
        ),
        groups=tuple(groups),
        versions=tuple(versions),
        limits=LIMITS,
    )


def _on_list(film: Film, starts: datetime, ends: datetime) -> list[Past]:
    """One entry of each demande that waited at some moment of the period, the first of them."""
    found: dict[int, Past] = {}
    for past in sorted(film.pasts, key=lambda p: p.entered_at):
        moments = [starts, *(at for at in past.states.at if starts <= at < ends)]
        if past.entered_at >= starts:
            moments.append(past.entered_at)
        if past.request_id not in found and any(
            at < ends and waits(past, at, film.really) for at in moments
        ):
            found[past.request_id] = past
    return list(found.values())


def _group(
    dimension: str,
    code: str,
    pasts: Sequence[Past],
    film: Film,
    taken: tuple[Mapping[int, datetime], Mapping[int, datetime]],
    starts: datetime,
    ends: datetime,
) -> GroupFound:
    ids = {p.request_id for p in pasts}
    before, after = ids & taken[0].keys(), ids & taken[1].keys()
    gained, lost = len(after - before), len(before - after)
    change, low, high = paired_change(gained, lost, len(ids))
    return GroupFound(
        dimension=dimension,
        code=code,
        households=len(ids),
        persons=sum(p.persons for p in pasts),
        real=len(ids & film.really),
        gained=gained,
        lost=lost,
        change=change,
        low=low,
        high=high,
        before=_wait(pasts, taken[0], film, starts, ends),
        after=_wait(pasts, taken[1], film, starts, ends),
    )


def _wait(
    pasts: Sequence[Past], taken: Mapping[int, datetime], film: Film, starts: datetime,
    ends: datetime,
) -> Wait:  # fmt: skip
    """Kaplan–Meier over the period: those who still wait, or left, were seen until then."""
    zone = ZoneInfo(film.zone)
    spells = []
    for past in pasts:
        housed = taken.get(past.request_id)
        until = housed or _left(past, film.really, ends)
        since = past.seniority_at(until)
        watched = max(starts, past.entered_at).astimezone(zone).date()
        spells.append(
            Spell(
                entered=max(0, (watched - since).days),
                left=max(0, (until.astimezone(zone).date() - since).days),
                event=housed is not None,
            )
        )
    curve = survival(spells)
    low, high = curve.bounds(0.5)
    return Wait(curve.quantile(0.5), low, high, curve.events)


def _left(past: Past, really: frozenset[int], ends: datetime) -> datetime:
    """When an entry that took no place was last seen waiting: the end, or when it left."""
    last = ends - timedelta(microseconds=1)
    if waits(past, last, really):
        return last
    gone = [at for at in past.states.at if at < ends and not waits(past, at, really)]
    return max(gone, default=last)
