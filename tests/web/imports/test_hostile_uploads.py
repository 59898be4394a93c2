"""Files that no office sends, uploaded on the page: each is refused with a sentence, and nothing of it is stored."""

import pytest

from gridmap.formats.sheets.isolation import list_layouts_isolated, read_isolated
from gridmap.services.imports.drafts import import_jobs
from gridmap.services.imports.sheets import run
from tests.formats.sheets.hostile_files import HOSTILE_FILES
from tests.web.imports.conftest import Town, Wizard, count

REFUSED_UPLOADS = ("large.xlsx", "large.csv", "empty.xlsx")
"""Files that the form refuses: too large, or empty."""
EVERY_RUN = (
    *REFUSED_UPLOADS[::2],
    *("ratio.xlsx", "many-parts.xlsx", "rubbish.xlsx", "cut.xlsx", "traversal.zip", "not-xml.xlsx", "pdf.xlsx"),
    *("formula.csv", "sql.csv", "nan.csv", "markup.csv", "override.csv"),
)
"""Files that are refused before much of them is unpacked; the others are read by a process with limits."""
OTHERS = [name for name in HOSTILE_FILES if name not in EVERY_RUN]


def refuse(wizard: Wizard, town: Town, name: str) -> str:
    """Upload a hostile file, and return the page that refuses it; nothing is stored."""
    answer = wizard.send(HOSTILE_FILES[name](), name)
    answer.request.environ["wsgi.input"].close()  # a file of the test client
    if name in REFUSED_UPLOADS:
        assert answer.status_code in {413, 422}
        assert (count(town, "import_draft"), count(town, "stored_file")) == (0, 0)
        return str(answer.text)
    assert answer.status_code == 303
    assert wizard.work() == ["done"]
    page = wizard.page(answer.location)
    applied = wizard.apply(answer.location, version=wizard.version(answer.location), good_rows_only="y")
    assert applied.status_code == 422
    assert wizard.work() == []
    assert (count(town, "resident"), count(town, "import_run")) == (0, 0)
    return page


@pytest.mark.sampled(7)
@pytest.mark.parametrize("name", EVERY_RUN)
def test_a_hostile_upload_is_refused_with_a_sentence(wizard: Wizard, town: Town, name: str) -> None:
    page = refuse(wizard, town, name)
    assert "Traceback" not in page
    assert "<script>alert" not in page
    sentences = "cannot be read as this kind", "Rows with faults", "MB", "The file is empty", "has no rows"
    assert any(sentence in page for sentence in sentences)


@pytest.mark.full
@pytest.mark.parametrize("name", OTHERS)
def test_every_hostile_upload_is_refused(
    wizard: Wizard, town: Town, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read as the service does, by a process with limits of time and memory."""
    monkeypatch.setattr(run, "read_isolated", read_isolated)
    monkeypatch.setattr(import_jobs, "list_layouts_isolated", list_layouts_isolated)
    assert "Traceback" not in refuse(wizard, town, name)


def test_a_bomb_is_read_by_a_process_with_limits(wizard: Wizard, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "read_isolated", read_isolated)
    monkeypatch.setattr(import_jobs, "list_layouts_isolated", list_layouts_isolated)
    assert "cannot be read as this kind" in refuse(wizard, town, "entities.xlsx")
