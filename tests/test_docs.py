"""Documentation under test: what the pages say of the tree is true."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DESCRIBED = ("gridmap", "static", "templates", "tests", "docs", "data", "scripts", ".ci")
FOLDER_ROW = re.compile(r"^\| `([\w./]+)/` \| (.+) \|$", re.MULTILINE)


def tracked_folders() -> set[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout, so nothing tells which files are part of the project")
    folders = {str(Path(name).parent) for name in listed.stdout.splitlines() if (ROOT / name).is_file()}
    return {folder for folder in folders if folder.split("/")[0] in DESCRIBED}


def test_the_maintainers_page_describes_every_folder() -> None:
    described = dict(FOLDER_ROW.findall((ROOT / "docs" / "maintainers.md").read_text("utf-8")))
    assert set(described) == tracked_folders()
    assert [folder for folder, text in described.items() if len(text) < 10] == []


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "docs").glob("*.md")))
def test_paths_named_in_the_docs_exist(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    named = set(re.findall(r"\b((?:gridmap|tests|scripts|static|templates|data)/[\w./-]+\.\w+)", text))
    assert sorted(path for path in named if not (ROOT / path).exists()) == []
