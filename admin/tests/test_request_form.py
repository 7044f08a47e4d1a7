"""Two savings of one form: whoever comes second loses nothing, whatever either typed."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin.request_form import LABELS, merge, seal, unseal, values_of
from admin.request_reading import read
from core.extension.context import Ctx
from core.requests.facts import known
from core.requests.service import complete_request
from core.requests.tests.making import draft
from core.web.forms import Form

FIELD = st.lists(st.sampled_from(["a", "b", "c"]), max_size=2).map(sorted)
VALUES = st.fixed_dictionaries({name: FIELD for name in LABELS})


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(base=VALUES, mine=VALUES, theirs=VALUES)
def test_no_value_that_somebody_changed_is_lost(base, mine, theirs) -> None:  # type: ignore[no-untyped-def]
    merged = merge(base, mine, theirs)
    for name in LABELS:
        kept = mine[name] if mine[name] != base[name] else theirs[name]
        assert merged.values[name] == kept
        # What is shown as different is what saving would change, and nothing else.
        assert (name in merged.differs) == (kept != theirs[name])
        changed_by_both = (
            mine[name] != base[name] and theirs[name] != base[name] and mine[name] != theirs[name]
        )
        assert (name in merged.both) == changed_by_both
        told = theirs[name] != base[name] and kept == theirs[name]
        assert (name in merged.taken) == told


@given(values=VALUES)
def test_what_the_form_began_with_comes_back_whole(values) -> None:  # type: ignore[no-untyped-def]
    assert unseal(seal(values)) == values


def test_a_tampered_base_is_no_base() -> None:
    assert unseal('{"summary": 3}') == {name: [] for name in LABELS}
    assert unseal("not json") == {name: [] for name in LABELS}


async def test_a_wish_has_four_answers_like_any_other_question(ctx: Ctx) -> None:
    """Communes and words: chosen or said, none, refused, unknown; never two of them at once."""
    words = {name: {} for name in LABELS} | {"areas_wanted": {7: "Obernai"}}  # type: ignore[var-annotated]
    async with ctx.unit() as unit:
        request_id = await draft(unit)
        for version, (answer, state) in enumerate((("no", 2), ("refused", 3), ("unknown", 4))):
            file = await known(unit, request_id)
            form = Form({"areas_wanted_state": answer, "preferences_state": answer})
            fields = read(form, file, words, unit.today)
            assert fields["answers"]["areas_wanted"] == (state, None)
            given = {q: fields["answers"][q] for q in ("areas_wanted", "preferences")}
            await complete_request(unit, request_id, file.request["version"], answers=given)
            shown = values_of(await known(unit, request_id))
            assert shown["areas_wanted_state"] == shown["preferences_state"] == [answer], version
        file = await known(unit, request_id)
        emptied = read(Form({}), file, words, unit.today)["answers"]
        assert emptied["preferences"] == (None, None), "taken back: not asked"
        both = Form({"areas_wanted": ["7"], "areas_wanted_state": "refused"})
        read(both, file, words, unit.today)
        assert list(both.errors) == ["areas_wanted_state"]
