"""The built wheel carries everything that the checkout has."""

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("static", "templates", "data")
ASK = "import gridmap, json, pathlib; print(json.dumps([str(gridmap.__file__), gridmap.__version__]))"

VISIT = """
from gridmap.app import create_app
from gridmap.config import Settings
app = create_app(Settings(cookie_secret=b"only for tests"))
client = app.test_client()
print(client.get("/components").text[:200], client.get(app.static_url_path + "/css/gridmap.css").status_code)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean environment with the wheel in it; other packages are lent by this one, so that no network is needed."""
    folder = tmp_path_factory.mktemp("package")
    call(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    venv.create(folder / "venv")
    (wheel,) = folder.glob("*.whl")
    python = folder / "venv" / "bin" / "python"
    call(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    lend(folder / "venv")
    return folder / "venv" / "bin"


def call(*words: str | Path) -> str:
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def lend(environment: Path) -> None:
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib"), "utf-8")


def test_the_wheel_is_what_runs(installed: Path) -> None:
    file, version = json.loads(call(installed / "python", "-I", "-c", ASK))
    assert Path(file).is_relative_to(installed.parent)
    assert f"gridmap, version {version}\n" == call(installed / "gridmap", "--version")


def test_the_wheel_carries_pages_scripts_and_data(installed: Path) -> None:
    (package,) = installed.parent.glob("lib/python*/site-packages/gridmap")
    wanted = [path.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    assert [str(path) for path in wanted if not (package / path).is_file()] == []


def test_the_installed_command_speaks_chinese(installed: Path) -> None:
    assert "网格" in call(installed / "gridmap", "partition", "--language", "zh_CN", "--help")


def test_the_installed_service_opens_a_page_with_its_stylesheet(installed: Path) -> None:
    told = call(installed / "python", "-I", "-c", VISIT)
    assert '<html lang="zh-CN">' in told
    assert told.rstrip().endswith("200")
