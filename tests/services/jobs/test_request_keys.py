"""Keys of forms: the same form with the same values makes one job."""

from tests.services.jobs.conftest import Owner


def test_a_form_makes_one_job_for_each_of_its_values(planner: Owner) -> None:
    first = planner.submit("one form", seed=1)
    assert planner.submit("one form", seed=1) == first
    assert planner.submit("one form", seed=2) not in (None, first)
