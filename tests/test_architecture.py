"""Rules of the architecture that no linter checks: lengths, folders, imports, dependencies, markers."""

import ast
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.source_files import (
    PACKAGE_SOURCES,
    ROOT,
    SOURCES,
    FunctionNode,
    forget_modules,
    iter_functions,
    parse_module,
    relative,
    tracked_files,
)

__all__ = ["forget_modules"]
MIGRATIONS_DIR = ROOT / "gridmap" / "store" / "migrations" / "versions"  # as long as their tables, one a change
SERVICES_DIR = ROOT / "gridmap" / "services"
FORBIDDEN_TEXT = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|npmmirror|index-url \S*:|--find-links \S|\"resolved\":"
    r"|(?<![\w.])/(work|root|home/\w+|tmp/\w+)/"
)
SESSION_INFO = re.compile(r"\bsession\.info\b|\.info(?:\[|\.get\(|\.setdefault\()")
MAX_ANY_SHARE = 0.03
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKED_VERSION = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def count_code_lines(function: FunctionNode) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(parse_module(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def imported_distributions() -> set[str]:
    owners = packages_distributions()
    modules = {name.partition(".")[0] for path in PACKAGE_SOURCES for name in imported_modules(path)}
    return {owners[name][0] for name in modules - sys.stdlib_module_names - {"gridmap"}}


def has_any(function: FunctionNode) -> bool:
    """Return whether a signature contains `Any`."""
    arguments = function.args
    annotated = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    hints = [function.returns, *(argument.annotation for argument in annotated if argument)]
    return any(isinstance(node, ast.Name) and node.id == "Any" for hint in hints if hint for node in ast.walk(hint))


def called_names(path: Path) -> set[str]:
    calls = (node.func for node in ast.walk(parse_module(path)) if isinstance(node, ast.Call))
    return {getattr(function, "id", getattr(function, "attr", "")) for function in calls}


def locked_versions(lock_name: str) -> dict[str, str]:
    return {name.lower(): version for name, version in LOCKED_VERSION.findall((ROOT / lock_name).read_text("utf-8"))}


def test_files_are_short() -> None:
    lengths = {relative(path): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {path: length for path, length in lengths.items() if length > 400} == {}


def test_functions_are_short() -> None:
    functions = (
        (path, function) for path in SOURCES if MIGRATIONS_DIR not in path.parents for function in iter_functions(path)
    )
    assert [f"{relative(path)}: {each.name}" for path, each in functions if count_code_lines(each) > 50] == []


def test_no_folder_has_more_than_sixteen_modules() -> None:
    counts = Counter(path.parent for path in SOURCES if path.name != "__init__.py" and path.parent != MIGRATIONS_DIR)
    assert {relative(folder): count for folder, count in counts.items() if count > 16} == {}


@pytest.mark.parametrize("suffix", [".md", ".html", ".css", ".sql"])
def test_lines_of_text_files_have_at_most_120_letters(suffix: str) -> None:
    assert [
        f"{relative(path)}:{number}"
        for path in tracked_files(suffix)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if len(line) > 120
    ] == []


def test_no_tracked_file_names_a_registry_or_a_path_of_one_machine() -> None:
    texts = ((path, path.read_text("utf-8", errors="replace")) for path in tracked_files() if path != Path(__file__))
    assert [(relative(path), match[0]) for path, text in texts if (match := FORBIDDEN_TEXT.search(text))] == []


def test_imports_and_declared_dependencies_agree() -> None:
    declared = {Requirement(line).name.lower() for line in PROJECT["project"]["dependencies"]}
    assert {distribution.lower() for distribution in imported_distributions()} == declared


def test_every_dependency_has_a_lower_and_an_upper_bound() -> None:
    bounds = {
        line: {each.operator for each in Requirement(line).specifier} for line in PROJECT["project"]["dependencies"]
    }
    assert [line for line, operators in bounds.items() if operators != {">=", "<"}] == []


@pytest.mark.parametrize(
    ("lock_name", "groups"),
    [
        ("requirements.lock", ["setup"]),
        ("requirements-dev.lock", ["setup", "dev"]),
        ("requirements-peers.lock", ["peers"]),
    ],
)
def test_locked_versions_are_within_the_bounds(lock_name: str, groups: list[str]) -> None:
    versions = locked_versions(lock_name)
    lines = [line for group in groups for line in PROJECT["dependency-groups"][group]]
    if "setup" in groups:
        lines += PROJECT["project"]["dependencies"]
    requirements = map(Requirement, lines)
    assert [each.name for each in requirements if not each.specifier.contains(versions[each.name.lower()])] == []


def test_at_most_three_signatures_in_a_hundred_contain_any() -> None:
    functions = [(path, function) for path in PACKAGE_SOURCES for function in iter_functions(path)]
    with_any = [f"{relative(path)}: {function.name}" for path, function in functions if has_any(function)]
    assert len(with_any) <= MAX_ANY_SHARE * len(functions), with_any


def test_services_contain_no_sql() -> None:
    assert [relative(path) for path in sorted(SERVICES_DIR.rglob("*.py")) if "select" in called_names(path)] == []


def test_nothing_reads_the_info_of_a_session() -> None:
    lines = ((path, line) for path in PACKAGE_SOURCES for line in path.read_text("utf-8").splitlines())
    assert [f"{relative(path)}: {line.strip()}" for path, line in lines if SESSION_INFO.search(line)] == []


def test_one_option_of_the_test_script_runs_all_tests() -> None:
    script = (ROOT / "scripts" / "test").read_text("utf-8")
    assert '--full) pytest_options+=(-m "")' in script
    assert "-m 'not full'" in PROJECT["tool"]["pytest"]["ini_options"]["addopts"]


def test_no_test_is_left_out_by_an_environment_variable_or_a_marker_of_its_own() -> None:
    markers = PROJECT["tool"]["pytest"]["ini_options"]["markers"]
    assert [marker.partition(":")[0] for marker in markers] == ["full", "sampled(count)"]  # cases beyond are `full`
    conditional = re.compile(r"skipif\([^)]*environ")
    tests = (path for path in SOURCES if path.name.startswith("test_") and path != Path(__file__))
    assert [relative(path) for path in tests if conditional.search(path.read_text("utf-8"))] == []


def test_chaos_and_the_full_access_sweep_run_only_in_full() -> None:
    files = [*(ROOT / "tests" / "chaos").glob("test_*.py"), ROOT / "tests" / "access_sweep" / "test_full_sweep.py"]
    assert len(files) == 2
    assert [relative(path) for path in files if "pytestmark = pytest.mark.full" not in path.read_text("utf-8")] == []
