"""The house rules that no linter knows."""

import ast
import io
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po

from gridmap.cli.main import commands

ROOT = Path(__file__).parent.parent
SOURCE_DIRS = ("gridmap", "tests", "scripts")
MIGRATIONS_DIR = ROOT / "gridmap" / "store" / "migrations" / "versions"  # a table is as long as its columns
SOURCES = sorted(path for each in SOURCE_DIRS for path in (ROOT / each).rglob("*.py"))
CATALOGUES = sorted((ROOT / "gridmap" / "locale").glob("*/LC_MESSAGES/gridmap.po"))
FORBIDDEN_WORDS = {"zone", "utils", "helpers", "manager", "handler", "info", "item", "process", "do"}
FORBIDDEN_TEXT = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|npmmirror|index-url \S*:|--find-links \S|\"resolved\":"
    r"|(?<![\w.])/(work|root|home/\w+|tmp/\w+)/"
)
MAX_FILE_LINES, MAX_FUNCTION_LINES = 400, 50


def parse_module(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def iter_functions(path: Path) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(parse_module(path)) if isinstance(node, ast.FunctionDef))


def count_code_lines(function: ast.FunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def defined_names(path: Path) -> Iterator[str]:
    """Names of a module and of what it defines, but for tests, whose names are sentences."""
    yield path.stem
    defined = (node.name for node in ast.walk(parse_module(path)) if isinstance(node, ast.FunctionDef | ast.ClassDef))
    yield from (name for name in defined if not name.startswith("test_"))


def split_words(name: str) -> set[str]:
    return set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_"))


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout, so nothing tells which files are part of the project")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_are_short_and_well_named(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MAX_FILE_LINES
    own = () if MIGRATIONS_DIR in path.parents else iter_functions(path)
    assert [one.name for one in own if count_code_lines(one) > MAX_FUNCTION_LINES] == []
    assert [name for name in defined_names(path) if split_words(name) & FORBIDDEN_WORDS] == []


def test_nothing_tracked_names_a_registry_or_a_path_of_one_machine() -> None:
    texts = ((path, path.read_text("utf-8", errors="replace")) for path in tracked_files() if path != Path(__file__))
    assert [(str(path), found[0]) for path, text in texts if (found := FORBIDDEN_TEXT.search(text))] == []


def test_what_is_imported_is_declared_and_the_other_way_round() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {re.split(r"[<>=\[ ]", each)[0].lower() for each in project["dependencies"]}
    assert {distribution.lower() for distribution in imported_distributions()} == declared


def imported_distributions() -> set[str]:
    owners = packages_distributions()
    modules = {name.partition(".")[0] for path in (ROOT / "gridmap").rglob("*.py") for name in imported_modules(path)}
    return {owners[name][0] for name in modules - sys.stdlib_module_names - {"gridmap"}}


def imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(parse_module(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_every_sentence_in_the_code_has_its_translations() -> None:
    check = [sys.executable, "scripts/messages", "--check"]
    told = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_translation_keeps_the_values_of_its_sentence(path: Path) -> None:
    entries = read_po(io.StringIO(path.read_text("utf-8")))
    assert [
        one.id for one in entries if one.string and placeholders(str(one.id)) != placeholders(str(one.string))
    ] == []


def placeholders(template: str) -> list[str]:
    return sorted(re.findall(r"\{[^}]*\}", template))


@pytest.mark.parametrize("page", ["docs/guide.md", "README.md", "README.zh-CN.md"])
def test_the_pages_name_every_command(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert [name for name in commands.commands if f"gridmap {name}" not in text] == []


@pytest.mark.parametrize("command", commands.commands.values(), ids=commands.commands)
def test_the_guide_names_every_option(command: click.Command) -> None:
    text = (ROOT / "docs" / "guide.md").read_text("utf-8")
    spelled = [spelling for option in command.params if isinstance(option, click.Option) for spelling in option.opts]
    assert [spelling for spelling in spelled if not re.search(rf"`{spelling}\b", text)] == []
