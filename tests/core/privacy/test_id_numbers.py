"""Check digits of many identity numbers at once: the same as of each alone."""

from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.privacy.id_numbers import check_digit, have_check_digits, id_number_problem

DIGITS = st.text("0123456789", min_size=17, max_size=17)


@given(st.lists(st.tuples(DIGITS, st.sampled_from("0123456789X")), max_size=20))
def test_the_check_digits_of_a_column_are_those_of_each_number(numbers: list[tuple[str, str]]) -> None:
    texts = [digits + last for digits, last in numbers]
    assert have_check_digits(texts).tolist() == [check_digit(digits + "0") == last for digits, last in numbers]


@given(st.lists(st.text("0123456789X:/ 一\0", max_size=19), max_size=20))
def test_what_is_no_number_has_no_check_digit(texts: list[str]) -> None:
    for text, has_check_digit in zip(texts, have_check_digits(texts).tolist(), strict=True):
        assert not has_check_digit or text[:17].isdecimal()


def test_a_number_that_is_known_to_be_right_still_has_a_date() -> None:
    number = "110105194913310020"
    assert id_number_problem(number[:17] + check_digit(number), has_check_digit=True) is not None
