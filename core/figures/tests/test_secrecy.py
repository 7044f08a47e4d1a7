"""Small numbers stay unsaid, and nobody finds them by subtraction."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.figures.secrecy import LEAST, known, rate, withheld


def test_a_small_part_takes_the_smallest_other_with_it() -> None:
    """45 less 30 and 12 is 3: the 12 goes too."""
    assert withheld({"a": 30, "b": 12, "c": 3}) == {"b", "c"}
    assert withheld({"a": 30, "b": 12}) == frozenset()
    assert withheld({"a": 30, "b": 6, "c": 7}) == {"b", "c"}
    assert withheld({"a": 30, "b": 0}) == {"a", "b"}, "that nobody is there is a small number too"


@given(st.dictionaries(st.integers(), st.integers(0, 60), max_size=12))
def test_what_is_left_out_is_never_a_small_number(counts: dict[int, int]) -> None:
    hidden = withheld(counts)
    assert all(count >= LEAST for key, count in counts.items() if key not in hidden)
    left_out = sum(counts[key] for key in hidden)
    assert not hidden or left_out >= LEAST or hidden == set(counts)
    assert len(hidden) != 1 or hidden == set(counts), "alone, it is the total less the others"


@given(st.integers(0, 400), st.integers(0, 400))
def test_a_rate_gives_no_small_count_back(a: int, b: int) -> None:
    part, whole = min(a, b), max(a, b)
    shown = rate(part, whole)
    if whole < LEAST:
        assert shown is None
        return
    assert shown is not None and 0 <= shown.low <= shown.share <= shown.high <= 100
    if part < LEAST or whole - part < LEAST:
        alike = {
            k
            for n in range(max(shown.base, LEAST), shown.base + 10)
            for k in range(n + 1)
            if (other := rate(k, n)) is not None and other == shown
        }
        assert shown.rounded and part in alike
        assert len(alike) > 1, "one count alone would be given back"


def test_two_small_counts_alike_read_alike() -> None:
    assert rate(3, 23) == rate(3, 22) == rate(4, 26)
    exact = rate(20, 176)
    assert exact is not None and not exact.rounded
    assert (exact.share, exact.base) == (11, 176)
    assert exact.low == 7 and exact.high == 17


def test_a_difference_is_to_look_at_only_outside_the_interval() -> None:
    whole, near, far = rate(100, 400), rate(30, 100), rate(60, 100)
    assert near is not None and far is not None
    assert far.apart(whole) and not near.apart(whole) and not far.apart(None)


def test_alone() -> None:
    assert known(10) is None and known(11) == 11 and known(30, 40) is None
