"""Units of systemd: hardened, started at boot, read back as they were written, and accepted by systemd itself."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.services.installation import programs, units
from gridmap.services.installation.units import ServiceInstallation

HOME = Path("/", "home", "li")
OF_ROOT = ServiceInstallation(
    Path("/opt/gridmap-1"), Path("/var/lib/gridmap/home"), "gridmap", ("--lan",), has_unit=True
)
OF_A_USER = ServiceInstallation(HOME / "gridmap-1", HOME / "data", has_unit=True)
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=12)


def values(installation: ServiceInstallation, name: str) -> list[str]:
    lines = units.render_unit(installation).splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("User", "gridmap"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("StateDirectory", "gridmap/home"),
        ("StateDirectoryMode", "0700"),
        ("Restart", "always"),
        ("StartLimitIntervalSec", "0"),
        ("WantedBy", "multi-user.target"),
    ],
)
def test_the_service_of_root_has_an_account_of_its_own_and_few_rights(name: str, value: str) -> None:
    assert values(OF_ROOT, name) == [value]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("User", []), ("NoNewPrivileges", ["yes"]), ("Restart", ["always"]), ("WantedBy", ["default.target"])],
)
def test_the_service_of_a_user_runs_as_that_user(name: str, expected: list[str]) -> None:
    assert values(OF_A_USER, name) == expected


def test_programs_in_a_home_folder_stay_readable() -> None:
    assert values(replace(OF_ROOT, folder=HOME / "gridmap-1"), "ProtectHome") == ["read-only"]


@given(st.lists(WORDS, max_size=4))
def test_options_are_read_back_as_they_were_written(options: list[str]) -> None:
    installation = replace(OF_ROOT, options=tuple(options))
    assert units.parse_unit(units.render_unit(installation)) == installation


@pytest.mark.parametrize("installation", [OF_ROOT, OF_A_USER], ids=["root", "user"])
def test_systemd_accepts_the_unit(installation: ServiceInstallation, tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    folder = tmp_path / "a %h $HOME folder"
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "gridmap").touch(mode=0o755)
    (folder / "docs").mkdir()
    unit = tmp_path / "gridmap.service"
    account = "root" if installation.account else None  # an account that exists here
    unit.write_text(units.render_unit(replace(installation, folder=folder, account=account)))
    run = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    assert (run.returncode, [line for line in run.stderr.splitlines() if "gridmap" in line]) == (0, [])


def test_settings_are_read_as_by_a_shell(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("# comment=1\nDATABASE_URL='postgresql://a:b=c@d/e'\n\nGRIDMAP_PORT=8001\n")
    assert programs.read_settings(tmp_path / "env") == {
        "DATABASE_URL": "postgresql://a:b=c@d/e",
        "GRIDMAP_PORT": "8001",
    }
    assert programs.read_settings(tmp_path / "away") == {}


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ('{"error": "Faults", "faults": [{"problem": "no room"}]}\n\n', "no room"),
        ('{"error": "it runs already", "faults": []}\n', "it runs already"),
        ("Traceback\nValueError: no\n", "ValueError: no"),
        ("", ""),
    ],
)
def test_the_reason_of_a_failed_command_is_passed_on(output: str, reason: str) -> None:
    assert programs._failure_reason(output) == reason
