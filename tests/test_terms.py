"""Names and terms: unique classes, plain module names, docstrings, the glossary, the guide and the translations."""

import ast
import io
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from babel.messages.pofile import read_po

from gridmap.app import create_app
from gridmap.cli.main import commands
from gridmap.config import Settings
from gridmap.core.glossary import GLOSSARY
from tests.source_files import (
    PACKAGE_SOURCES,
    ROOT,
    SOURCES,
    forget_modules,
    iter_classes,
    iter_docstrings,
    iter_functions,
    parse_module,
    relative,
    tracked_files,
)

__all__ = ["forget_modules"]
CATALOGUES = sorted((ROOT / "gridmap" / "locale").glob("*/LC_MESSAGES/gridmap.po"))
VAGUE_WORDS = {"utils", "util", "helpers", "helper", "misc", "common", "stuff"}
NOUNS_IN_ED_OR_ING = {"building", "encoding", "masking", "noding", "ranking", "reporting", "ring", "serving", "string"}
OTHER_ADJECTIVES = {
    *("again", "alone", "beside", "besides", "current", "different", "elsewhere", "gone", "inner", "kept", "known"),
    *("lent", "lost", "made", "mine", "near", "new", "odd", "old", "other", "own", "plain", "seen", "small", "spent"),
    *("taken", "told", "whole", "within", "written", "wrong"),
}
"""Adjectives and participles that do not end in -ed or -ing; no name of a module ends in one."""
RIDDLES = ("What ", "Whether ", "Who ", "Where ", "How ", "That ")


class NamedText(NamedTuple):
    """A piece of text with the place where it stands."""

    place: str
    text: str


def split_words(name: str) -> list[str]:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).strip("_").lower().split("_")


def defined_names(path: Path) -> Iterator[str]:
    """Yield the names of a module, its classes, functions, arguments and attributes; names of tests are sentences."""
    yield path.stem
    for node in ast.walk(parse_module(path)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from () if node.name.startswith("test_") else (node.name,)
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def is_adjective(word: str) -> bool:
    return word in OTHER_ADJECTIVES or (word.endswith(("ed", "ing")) and word not in NOUNS_IN_ED_OR_ING)


def find_synonyms(texts: Iterator[NamedText]) -> list[str]:
    """Return the forbidden synonyms of the glossary in some texts, with their places."""
    terms = [(term.english, re.compile(rf"\b{each}\b", re.IGNORECASE)) for term in GLOSSARY for each in term.forbidden]
    return sorted(
        {
            f"{place}: {match[0]!r} for {english!r}"
            for place, text in texts
            for english, pattern in terms
            if (match := pattern.search(text))
        }
    )


def template_texts() -> Iterator[NamedText]:
    paths = (path for path in tracked_files(".html") if ROOT / "templates" in path.parents)
    return (NamedText(relative(path), path.read_text("utf-8")) for path in paths)


def catalogue_texts() -> Iterator[NamedText]:
    return (
        NamedText(relative(path), str(message.id))
        for path in CATALOGUES
        for message in read_po(io.StringIO(path.read_text("utf-8")))
    )


def openapi_texts() -> Iterator[NamedText]:
    app = create_app(Settings(cookie_secret=b"only for tests"))
    answer = app.test_client().get("/api/openapi.json")
    assert answer.status_code == 200
    yield NamedText("openapi.json", json.dumps(answer.json, ensure_ascii=False).replace("_", " "))


def code_texts() -> Iterator[NamedText]:
    names = ((path, name) for path in PACKAGE_SOURCES for name in set(defined_names(path)))
    texts = ((f"{relative(path)}: {name}", " ".join(split_words(name))) for path, name in names)
    return (NamedText(place, text.replace("micro grid", "micro-grid")) for place, text in texts)


def placeholders(template: str) -> list[str]:
    return sorted(re.findall(r"\{[^}]*\}", template))


def test_class_names_are_unique_in_the_package() -> None:
    places: dict[str, list[str]] = {}
    for path in PACKAGE_SOURCES:
        for node in iter_classes(path):
            places.setdefault(node.name, []).append(relative(path))
    places.pop("Meta", None)  # the inner class that WTForms asks for
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_schemas_of_the_api_carry_a_suffix() -> None:
    names = [node.name for node in iter_classes(ROOT / "gridmap" / "web" / "api" / "schemas.py")]
    assert names
    assert [name for name in names if not name.endswith("Schema")] == []


def test_names_of_modules_are_nouns() -> None:
    modules = [path for path in SOURCES if path.stem not in ("__init__", "__main__")]
    assert [relative(path) for path in modules if is_adjective(split_words(path.stem)[-1])] == []


def test_no_name_is_vague() -> None:
    modules = [relative(path) for path in SOURCES if VAGUE_WORDS & set(split_words(path.stem))]
    names = ((path, name) for path in SOURCES for name in defined_names(path))
    assert modules + [f"{relative(path)}: {name}" for path, name in names if name.lower() in VAGUE_WORDS] == []


def test_no_docstring_begins_like_a_riddle() -> None:
    docstrings = ((path, name, text) for path in SOURCES for name, text in iter_docstrings(path))
    assert [f"{relative(path)}: {name}" for path, name, text in docstrings if text.startswith(RIDDLES)] == []


def test_a_helper_name_stands_for_one_thing() -> None:
    counts = Counter(function.name for path in PACKAGE_SOURCES for function in iter_functions(path))
    private = {name: count for name, count in counts.items() if name.startswith("_") and not name.startswith("__")}
    assert {name: count for name, count in private.items() if count >= 10} == {}


@pytest.mark.parametrize("texts", [code_texts, template_texts, catalogue_texts, openapi_texts])
def test_no_synonym_stands_for_a_term_of_the_glossary(texts: Callable[[], Iterator[NamedText]]) -> None:
    assert find_synonyms(texts()) == []


def test_every_sentence_in_the_code_has_its_translations() -> None:
    check = [sys.executable, "scripts/messages", "--check"]
    run = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_translation_has_the_placeholders_of_its_sentence(path: Path) -> None:
    messages = [message for message in read_po(io.StringIO(path.read_text("utf-8"))) if message.string]
    assert [
        message.id for message in messages if placeholders(str(message.id)) != placeholders(str(message.string))
    ] == []


@pytest.mark.parametrize("page", ["docs/guide.md", "README.md", "README.zh-CN.md"])
def test_the_pages_name_every_command(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert [name for name in commands.commands if f"gridmap {name}" not in text] == []


@pytest.mark.parametrize("command", commands.commands.values(), ids=commands.commands)
def test_the_guide_names_every_option(command: click.Command) -> None:
    text = (ROOT / "docs" / "guide.md").read_text("utf-8")
    spellings = [spelling for option in command.params if isinstance(option, click.Option) for spelling in option.opts]
    assert [spelling for spelling in spellings if not re.search(rf"`{spelling}\b", text)] == []
