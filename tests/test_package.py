"""The built wheel contains all files of the checkout and runs."""

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DATA_FOLDERS = ("static", "templates", "data")
VERSION_SCRIPT = "import gridmap, json, pathlib; print(json.dumps([str(gridmap.__file__), gridmap.__version__]))"

REQUEST_SCRIPT = """
from gridmap.app import create_app
from gridmap.config import Settings
app = create_app(Settings(cookie_secret=b"only for tests"))
client = app.test_client()
print(client.get("/style-guide").text[:200], client.get(app.static_url_path + "/css/gridmap.css").status_code)
"""


@pytest.fixture(scope="module")
def installed_bin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel in a clean environment that uses this one's packages, so that no network is needed."""
    folder = tmp_path_factory.mktemp("package")
    run_command(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    venv.create(folder / "venv")
    (wheel,) = folder.glob("*.whl")
    python = folder / "venv" / "bin" / "python"
    run_command(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    link_site_packages(folder / "venv")
    return folder / "venv" / "bin"


def run_command(*arguments: str | Path) -> str:
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def link_site_packages(environment: Path) -> None:
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib"), "utf-8")


def test_the_wheel_is_what_runs(installed_bin: Path) -> None:
    file, version = json.loads(run_command(installed_bin / "python", "-I", "-c", VERSION_SCRIPT))
    assert Path(file).is_relative_to(installed_bin.parent)
    assert f"gridmap, version {version}\n" == run_command(installed_bin / "gridmap", "--version")


def test_the_wheel_carries_pages_scripts_and_data(installed_bin: Path) -> None:
    (package,) = installed_bin.parent.glob("lib/python*/site-packages/gridmap")
    wanted = [
        path.relative_to(ROOT) for folder in DATA_FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()
    ]
    assert [str(path) for path in wanted if not (package / path).is_file()] == []


def test_the_installed_command_speaks_chinese(installed_bin: Path) -> None:
    assert "网格" in run_command(installed_bin / "gridmap", "partition", "--language", "zh_CN", "--help")


def test_the_installed_service_opens_a_page_with_its_stylesheet(installed_bin: Path) -> None:
    output = run_command(installed_bin / "python", "-I", "-c", REQUEST_SCRIPT)
    assert '<html lang="zh-CN">' in output
    assert output.rstrip().endswith("200")
