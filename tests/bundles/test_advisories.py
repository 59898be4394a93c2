"""Known vulnerabilities: found, or named as not checked; never taken for none."""

import json

import pytest

from gridmap.bundles.advisories import read_npm_audit, read_pip_audit

CLEAN = {"name": "flask", "version": "3.1.3", "vulns": []}
VULNERABLE = {"name": "babel", "version": "2.9.0", "vulns": [{"id": "PYSEC-2021-421", "fix_versions": ["2.9.1"]}]}
SKIPPED = {"name": "numba", "skip_reason": "Dependency not found"}


def pip_output(*packages: object) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_vulnerability_of_a_python_package_is_found() -> None:
    result = read_pip_audit("lock", pip_output(CLEAN, VULNERABLE), "")
    assert (result.checked, result.advisories, result.unchecked) == (2, ("babel 2.9.0: PYSEC-2021-421",), "")
    assert str(result) == "advisories, lock: 1 known, packages checked: 2\n  babel 2.9.0: PYSEC-2021-421"


def test_packages_without_a_vulnerability_are_counted() -> None:
    assert str(read_pip_audit("lock", pip_output(CLEAN), "")) == "advisories, lock: 0 known, packages checked: 1"


def test_a_package_that_the_source_does_not_know_is_not_taken_for_checked() -> None:
    result = str(read_pip_audit("lock", pip_output(CLEAN, SKIPPED), ""))
    assert result.endswith(": 0 known, packages checked: 1; not checked: 1, such as numba: Dependency not found")


@pytest.mark.parametrize("output", ["", "not json", "{}"])
def test_without_an_answer_nothing_counts_as_checked(output: str) -> None:
    result = read_pip_audit("lock", output, "WARNING\nERROR: connection refused\n")
    assert str(result) == "advisories, lock: not checked: ERROR: connection refused"


def test_a_vulnerability_of_an_npm_package_is_found() -> None:
    vulnerable = {"pbf": {"range": "<3.0", "severity": "high"}}
    output = json.dumps({"vulnerabilities": vulnerable, "metadata": {"dependencies": {"total": 7}}})
    result = read_npm_audit("lock", output, "")
    assert (result.checked, result.advisories) == (7, ("pbf <3.0: high",))


def test_an_error_of_npm_is_not_taken_for_none() -> None:
    error = json.dumps({"message": "405 Method Not Allowed", "error": {"summary": ""}})
    result = read_npm_audit("lock", error, "npm error audit endpoint returned an error\nnpm error A complete log of")
    assert str(result) == "advisories, lock: not checked: npm error audit endpoint returned an error"


def test_silence_is_not_taken_for_none() -> None:
    assert str(read_npm_audit("lock", "", "")) == "advisories, lock: not checked: no answer"
