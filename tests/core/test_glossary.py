"""The glossary: terms, their forbidden synonyms, and the page made of them."""

import re
from pathlib import Path

import pytest

from gridmap.core.glossary import GLOSSARY, Term, glossary_markdown

ROOT = Path(__file__).parents[2]


def test_the_glossary_page_is_generated_from_the_table() -> None:
    assert (ROOT / "docs" / "glossary.md").read_text("utf-8") == glossary_markdown()


def test_every_term_has_one_entry_in_each_language() -> None:
    assert len({term.english for term in GLOSSARY}) == len(GLOSSARY)
    assert len({term.chinese for term in GLOSSARY}) == len(GLOSSARY)


@pytest.mark.parametrize("term", GLOSSARY, ids=lambda term: term.english)
def test_no_entry_uses_a_forbidden_synonym(term: Term) -> None:
    patterns = [pattern for entry in GLOSSARY for pattern in entry.forbidden]
    assert not [pattern for pattern in patterns if re.search(rf"\b{pattern}\b", f"{term.english} {term.meaning}")]


@pytest.mark.parametrize(
    ("sentence", "term"),
    [
        ("divide the community again", "partition"),
        ("another version of the plan", "revision"),
        ("fewest households", "minimum"),
        ("the state of a grid", "status"),
    ],
)
def test_a_forbidden_synonym_is_found_in_a_sentence(sentence: str, term: str) -> None:
    (entry,) = (entry for entry in GLOSSARY if entry.english == term)
    assert any(re.search(rf"\b{pattern}\b", sentence) for pattern in entry.forbidden)


@pytest.mark.parametrize("sentence", ["a wall divides the courtyard", "the version of PostGIS", "the state of the job"])
def test_other_uses_of_a_word_are_allowed(sentence: str) -> None:
    assert not [term for term in GLOSSARY for each in term.forbidden if re.search(rf"\b{each}\b", sentence)]
