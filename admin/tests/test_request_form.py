"""Two savings of one form: whoever comes second loses nothing, whatever either typed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from admin.request_form import LABELS, merge, seal, unseal

FIELD = st.lists(st.sampled_from(["a", "b", "c"]), max_size=2).map(sorted)
VALUES = st.fixed_dictionaries({name: FIELD for name in LABELS})


@given(base=VALUES, mine=VALUES, theirs=VALUES)
def test_no_value_that_somebody_changed_is_lost(base, mine, theirs) -> None:  # type: ignore[no-untyped-def]
    merged = merge(base, mine, theirs)
    for name in LABELS:
        if mine[name] != base[name]:
            assert merged.values[name] == mine[name]
        else:
            assert merged.values[name] == theirs[name]
        changed_by_both = (
            mine[name] != base[name] and theirs[name] != base[name] and mine[name] != theirs[name]
        )
        assert (name in merged.both) == changed_by_both
        assert (name in merged.theirs) == (theirs[name] != base[name])


@given(values=VALUES)
def test_what_the_form_began_with_comes_back_whole(values) -> None:  # type: ignore[no-untyped-def]
    assert unseal(seal(values)) == values


def test_a_tampered_base_is_no_base() -> None:
    assert unseal('{"summary": 3}') == {name: [] for name in LABELS}
    assert unseal("not json") == {name: [] for name in LABELS}
