"""Tags and criteria of plugins: dated, read by class, and refused when they ask too much."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.extension.context import Ctx
from core.extension.contributions import Tag
from core.extension.registry import RegistryError
from core.kernel.errors import NotFound, Refused
from core.matching.shortlist import Filters, shortlist
from core.matching.tests.making import criterion, vacancy
from core.requests.tags import tag, tags_of, untag
from core.requests.tests.making import listed
from core.territories.holding import refused_criteria
from core.testing import make_professional
from tests.plugins.switched import (
    installed,
    with_registry,
)

# -- tags and criteria -------------------------------------------------------------------------

OUT = Tag("alpha.leaver", "Sortie d’établissement", field_class="justice")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("(SELECT true)", "it reads select"),
        ("count(r.persons) > 1", r"it calls count\(\)"),
        ("pg_sleep(1) IS NULL", r"it calls pg_sleep\(\)"),
        ("h.phone IS NULL", "it reads h.phone"),
        ("r.age > 3", "it reads r.age"),
        ("{tag:alpha.unknown}", "no tag is named"),
        ("r.persons > :setting_size", ":setting_size is bound to nothing"),
        ("true; DROP TABLE household", "no comment"),
        ("r.persons > (1", "parentheses"),
        ("r.persons_soon > 1", "its field_class must say so"),
    ],
)
def test_a_predicate_reads_only_the_facts(sql: str, said: str) -> None:
    with pytest.raises(RegistryError, match=f"alpha: the criterion 'alpha.c': .*{said}"):
        installed(register_criteria=lambda: (criterion(sql),))


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"plain_no": " "}, "no text plain_no"),
        ({"plain_no": "Un " * 13 + "."}, "longer than 12 words"),
        ({"plain_no": "Vous êtes %(persons)s."}, "no figure stands in it"),
        ({"no": "%(name)s !"}, "no shows name"),
        ({"would_help": "Voir."}, "go together"),
        ({"would_help": "Partir.", "plain_help": "Partir."}, "nobody is asked to give up"),
    ],
)
def test_what_it_says_is_looked_at_too(texts: dict[str, str], said: str) -> None:
    with pytest.raises(RegistryError, match=f"alpha: the criterion 'alpha.c': .*{said}"):
        installed(register_criteria=lambda: (criterion("r.persons > 1", **texts),))


def test_there_is_room_for_thirty_one() -> None:
    more = [replace(criterion("true"), key=f"alpha.c{n}") for n in range(32)]
    with pytest.raises(RegistryError, match="31 at most"):
        installed(register_criteria=lambda: tuple(more))


async def test_what_postgresql_refuses_holds_its_plugin_only(ctx: Ctx) -> None:
    registry = installed(register_criteria=lambda: (criterion("r.persons > 'many'"),))
    async with ctx.unit() as unit:
        assert set(await refused_criteria(registry, unit)) == {"alpha"}
        good = installed(register_criteria=lambda: (criterion("r.persons >= :setting_days"),))
        assert await refused_criteria(good, unit) == {}


async def test_a_tag_is_dated_said_once_and_read_by_class(ctx: Ctx, elsewhere: Ctx) -> None:
    here = with_registry(ctx, installed(register_tags=lambda: (OUT,)), "alpha")
    async with here.unit() as unit:
        request_id = await listed(unit)
        first = await tag(unit, request_id, OUT.key, reason="Levée d’écrou")
        assert await tag(unit, request_id, OUT.key) == first
        facts = "SELECT tags FROM request_facts WHERE request_id = $1"
        assert await unit.value(facts, request_id) == [OUT.key]
        catalogue = here.registry.tags
        assert [t["label"] for t in await tags_of(unit, request_id, catalogue,
                                                  frozenset({"justice"}))] == [OUT.label]  # fmt: skip
        assert await tags_of(unit, request_id, catalogue, frozenset({"social"})) == []
        await untag(unit, request_id, OUT.key, reason="Terminé")
        assert await unit.value(facts, request_id) is None
        with pytest.raises(Refused):
            await untag(unit, request_id, OUT.key)
    async with elsewhere.unit() as unit:
        with pytest.raises(NotFound):
            await tag(unit, request_id, OUT.key)
        assert await unit.value("SELECT count(*) FROM request_tag") == 0


async def test_a_criterion_is_yes_no_or_to_be_checked_and_hides_what_may_not_be_read(
    ctx: Ctx,
) -> None:
    def judged_by(sql: str, **more: Any) -> Ctx:
        registry = installed(
            register_tags=lambda: (OUT,), register_criteria=lambda: (criterion(sql, **more),)
        )
        return with_registry(ctx, registry, "alpha")

    async with ctx.unit() as unit:
        request_id = await listed(unit)
        vacancy_id = await vacancy(unit)
        await tag(unit, request_id, OUT.key)

        async def fitting(here: Ctx) -> list[int]:
            found = await shortlist(here, unit, vacancy_id)
            return [one.request_id for one in found.candidates]

        assert await fitting(judged_by("NOT {tag:alpha.leaver}")) == []
        assert await fitting(judged_by("{tag:alpha.leaver}")) == [request_id]

        async def says(here: Ctx) -> Any:
            found = await shortlist(here, unit, vacancy_id, filters=Filters(everybody=True))
            one = next(v for v in found.candidates[0].verdicts if v.key == "alpha.c")
            return one.answer, one.staff and str(one.staff), one.plain and str(one.plain), one.bars

        assert await says(judged_by("{tag:alpha.leaver}")) == (True, None, None, False)
        no = (False, "Non.", "Cela ne va pas.", True)
        assert await says(judged_by("NOT {tag:alpha.leaver}")) == no
        unknown = (None, "À voir.", "Nous regardons.", False)
        assert await says(judged_by("r.accessible_needed")) == unknown
        soft = judged_by("NOT {tag:alpha.leaver}", hard=False, field_class="justice")
        other = "Une autre condition n’est pas remplie."
        assert await says(soft) == (False, "Non.", other, False)
        blind = soft.acting(await make_professional(ctx, "observer", name="Inès"))
        assert await says(blind) == (False, other, other, False)
        await untag(unit, request_id, OUT.key)
        assert await says(soft) == (True, None, None, False)
        off = with_registry(ctx, soft.registry)
        found = await shortlist(off, unit, vacancy_id)
        assert "alpha.c" not in {t.key for t in found.tallies}
