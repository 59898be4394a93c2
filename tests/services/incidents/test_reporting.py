"""Fingerprint of a report, by which a report that is sent twice is stored once."""

from dataclasses import replace

import pytest

from gridmap.services.incidents.reporting import IncidentReport

REPORT = IncidentReport(1, "waste", "bins", None, 106.0, 29.5, urgent=False, form_token="token")


def test_a_fingerprint_does_not_change_between_versions() -> None:
    assert REPORT.fingerprint() == "9a361d381e97f874b4caaabef5fb3829c42a8374018877db2d49647c2bf695b7"


def test_a_confirmed_place_is_the_same_report() -> None:
    assert replace(REPORT, outside_confirmed=True).fingerprint() == REPORT.fingerprint()


@pytest.mark.parametrize(
    "change",
    [{"form_token": "other"}, {"title": "bin"}, {"urgent": True}, {"building_id": 1}, {"longitude": 106.1}],
    ids=lambda change: next(iter(change)),
)
def test_another_report_has_another_fingerprint(change: dict[str, object]) -> None:
    assert replace(REPORT, **change).fingerprint() != REPORT.fingerprint()  # type: ignore[arg-type]
