"""Installation from a bundle on a machine without a network: first start, power cut, upgrade, way back, removal.

Run as root with the development environment, on a machine with a network, debootstrap and systemd-container:
.venv/bin/python -m tests.chaos.install_offline [--quick] [--json]
A Debian 12 with Python and systemd is booted in a container that has a loopback interface and nothing else. There, a
bundle of this checkout is opened and run by root and by an ordinary user, as a service of both, through a power cut,
an upgrade to a version with one more migration, the way back, and the removal. --quick leaves out the ordinary user's
service. Exit code 77: not possible here.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gridmap.bundles.assembly import OPENER, make_bundle
from gridmap.bundles.signature import create_key, load_key, public_key
from tests.benchmarks.harness.measure import REPOSITORY, Row, check_target, print_report
from tests.benchmarks.harness.offline_machine import OfflineMachine, missing_tools, offline_machine

NOT_POSSIBLE = 77
FIRST_START_S, BACK_S = 600.0, 60.0
USER = "zhang"
PROGRAM = "/opt/gridmap-*/.venv/bin/gridmap"
EXEC = f"{PROGRAM} service exec"
NEW_MIGRATION = '''"""A table that only the newer version knows."""

from alembic import op

revision, down_revision = "9999", "{latest}"


def upgrade() -> None:
    op.execute("CREATE TABLE newer_version (id int)")
'''
EXPECTED_FAILURES = (
    (
        "changed by one byte",
        "printf X | dd of=b.tar bs=1 seek=150000000 conv=notrunc status=none",
        "changed or damaged",
    ),
    ("truncated", "truncate -s 150000000 b.tar", "ends early"),
    ("signed by another key", "true", "is signed with the key"),
)


class Drill:
    """Steps on one machine, with their seconds and the checks made.

    Parameters
    ----------
    machine : OfflineMachine
    key : str
        Public key of the bundles.
    """

    def __init__(self, machine: OfflineMachine, key: str) -> None:
        self.machine, self.key = machine, key
        self.rows: list[Row] = []
        self.targets: list[Row] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step."""
        start = time.monotonic()
        yield
        self.rows.append({"step": name, "seconds": time.monotonic() - start})
        print(f"{name}: {self.rows[-1]['seconds']:.1f} s", file=sys.stderr)

    def expect(self, text: str, value: object, expected: object) -> None:
        """Check a value."""
        self.targets.append(check_target(text, value if value is not None else "none", value == expected))

    def refuse_bundles(self) -> None:
        """Open bundles that are not what was signed."""
        for name, damage, sentence in EXPECTED_FAILURES:
            key = self.key if name != EXPECTED_FAILURES[-1][0] else "A" * 43 + "="
            self.machine.do(f"cd /tmp && cp /media/a.tar b.tar && {damage}")
            result = self.machine.shell(f"cd /tmp && python3 /media/{OPENER} b.tar --key {key} --into /srv/x")
            left = self.machine.ask("ls -A /srv/x").split()
            found = (result.returncode, sentence in result.stderr, left)
            self.expect(f"a bundle {name} is refused, and nothing is left of it", found, (2, True, []))
        self.machine.do("rm -f /tmp/b.tar")

    def first_start(self, account: str, folder: str) -> None:
        """Open the bundle, run it in the foreground until the sign-in page is there, and stop it."""
        command = f"cd {folder} && python3 /media/{OPENER} /media/a.tar --key '{self.key}'"
        with self.step(f"opening the bundle, {account}"):
            self.machine.do(command, account)
        with self.step(f"scripts/run, first start until the sign-in page, {account}"):
            self.machine.do(f"(setsid {folder}/gridmap-*/scripts/run >~/run.log 2>&1 & echo $! >~/run.pid)", account)
            self.machine.wait_for_page(FIRST_START_S)
        self.expect(f"sign-in page of {account}", self.machine.status_of("/sign-in"), 200)
        stop = "kill -TERM $(cat ~/run.pid); while kill -0 $(cat ~/run.pid) 2>/dev/null; do sleep 0.2; done"
        self.machine.do(stop, account)

    def query(self, sql: str) -> str:
        """Return the one value of a query in the database of the service."""
        code = "import sys; from gridmap.postgres.databases import fetch_rows; print(fetch_rows(*sys.argv[1:])[0][0])"
        url = json.loads(self.machine.do(f"{self.exec()} db url --json"))["url"]
        python = self.program().removesuffix("gridmap") + "python"
        return self.machine.do(f"{python} -c '{code}' '{url}' \"{sql}\"").strip()

    def install_service(self) -> None:
        """Install root's service with the demo, and enter something."""
        with self.step("gridmap service install"):
            self.machine.do(f"{PROGRAM} service install")
        with self.step("the demo"):
            self.machine.do(f"{EXEC} demo --json")
        account = self.machine.do("systemctl show gridmap -p User --value").strip()
        self.expect("account of the service", account, "gridmap")
        self.expect("capabilities of its processes", self.capabilities(), {"0000000000000000"})
        self.expect("exposure by systemd-analyze security is at most 3.0", self.exposure() <= 3.0, True)

    def capabilities(self) -> set[str]:
        """Return the effective capabilities of the processes of the service."""
        pids = "$(cat /sys/fs/cgroup/unified/system.slice/gridmap.service/cgroup.procs "
        pids += "/sys/fs/cgroup/system.slice/gridmap.service/cgroup.procs 2>/dev/null; pgrep -u gridmap)"
        lines = self.machine.ask(f"for p in {pids}; do grep CapEff /proc/$p/status; done")
        return {line.split()[1] for line in lines.splitlines()}

    def exposure(self) -> float:
        """Return the exposure of the unit by systemd's own measure, from 0 to 10."""
        last = self.machine.do("systemd-analyze security gridmap.service --no-pager").strip().splitlines()[-1]
        figure = next(word for word in last.split() if word.replace(".", "").isdigit())
        self.rows.append({"step": "exposure, of 10", "seconds": float(figure)})
        return float(figure)

    def cut_power(self) -> None:
        """Cut the power in the middle of writing; everything that was committed must come back by itself."""
        before = self.query("SELECT count(*) FROM resident")
        self.machine.do(f"({EXEC} account add before.the.cut --role planner --subdistrict 440199001 --json >/dev/null)")
        self.machine.cut_power()
        start = time.monotonic()
        self.machine.boot()
        self.machine.wait_for_page(BACK_S)
        seconds = time.monotonic() - start
        self.rows.append({"step": "power cut: boot until the sign-in page", "seconds": seconds})
        self.expect("residents after the power cut", self.query("SELECT count(*) FROM resident"), before)
        named = "SELECT count(*) FROM account WHERE name = \\$\\$before.the.cut\\$\\$"
        self.expect("account entered before the power cut", self.query(named), "1")

    def upgrade_and_return(self) -> None:
        """Upgrade to the newer bundle, enter something, and go back: refused first, then allowed."""
        with self.step("gridmap upgrade"):
            self.machine.do(f"{self.program()} upgrade /media/b.tar")
        newer = "SELECT count(*) FROM pg_tables WHERE tablename = \\$\\$newer_version\\$\\$"
        self.expect("schema of the newer version", self.query(newer), "1")
        self.machine.do(f"{self.exec()} account add after.the.upgrade --role planner --subdistrict 440199001 --json")
        refused = self.machine.shell(f"{self.program()} rollback")
        found = (refused.returncode, "account 1" in refused.stderr, self.machine.status_of("/sign-in"))
        self.expect("a way back that loses an account is refused, and the service runs", found, (2, True, 200))
        with self.step("gridmap rollback --discard-entries"):
            report = json.loads(self.machine.do(f"{self.program()} rollback --discard-entries --json"))
        self.expect("said to be lost", report["discarded"].get("account"), 1)
        self.expect("schema after the way back", self.query(newer), "0")
        accounts = (
            "SELECT string_agg(name, \\$\\$ \\$\\$ ORDER BY name) FROM account WHERE name LIKE \\$\\$%.the.%\\$\\$"
        )
        self.expect("accounts after the way back", self.query(accounts), "before.the.cut")
        self.expect("a backup of what was lost", self.machine.shell(f"test -s {report['backup']}").returncode, 0)
        self.expect("the sign-in page after the way back", self.machine.status_of("/sign-in"), 200)

    def program(self) -> str:
        """Return the command gridmap of the version that the unit runs."""
        found = self.machine.do("systemctl show gridmap -p ExecStart --value | grep -o '/opt/[^ ]*/bin/gridmap'")
        return found.splitlines()[0].strip()

    def exec(self) -> str:
        """Return the command that runs others with the account of the service."""
        return f"{self.program()} service exec"

    def uninstall(self) -> None:
        """Remove gridmap, install it again on the same data, and remove it with its data."""
        with self.step("gridmap uninstall"):
            self.machine.do(f"{self.program()} uninstall")
        left = self.machine.ask(
            "ls /opt; systemctl is-enabled gridmap 2>&1; test -d /var/lib/gridmap/home && echo data"
        )
        self.expect("left after the removal", left.split()[-1], "data")
        self.expect("programs left", self.machine.ask("ls -A /opt").split(), [])
        self.machine.do(
            f"cd /opt && python3 /media/{OPENER} /media/a.tar --key '{self.key}' && gridmap-*/scripts/setup"
        )
        self.machine.do(f"{PROGRAM} service install")
        self.expect("account after a new installation", self.query("SELECT count(*) FROM account WHERE id = 1"), "1")
        wrong = self.machine.shell(f"{self.program()} uninstall --delete-data /var/lib")
        self.expect("another folder is not deleted", (wrong.returncode, self.machine.status_of("/sign-in")), (2, 200))
        self.machine.do(f"{self.program()} uninstall --delete-data /var/lib/gridmap/home")
        self.expect("data left", self.machine.ask("ls -A /var/lib/gridmap/home").split(), ["backups"])

    def user_service(self) -> None:
        """Run the service of an ordinary user through a power cut."""
        self.machine.do(f"loginctl enable-linger {USER}")
        with self.step("gridmap service install, ordinary user"):
            self.machine.do(f"/home/{USER}/{PROGRAM[5:]} service install", USER)
        self.machine.cut_power()
        start = time.monotonic()
        self.machine.boot()
        self.machine.wait_for_page(BACK_S)
        self.rows.append({"step": "power cut: ordinary user's service back", "seconds": time.monotonic() - start})
        self.expect("sign-in page of the user's service", self.machine.status_of("/sign-in"), 200)
        self.machine.do(f"/home/{USER}/{PROGRAM[5:]} service uninstall", USER)


def make_bundles(folder: Path) -> tuple[str, list[Row]]:
    """Make a bundle of this checkout, and one of a version with one more migration; return the public key and sizes."""
    key_file = folder / "key.pem"
    create_key(key_file)
    media = folder / "media"
    newer = folder / "newer"
    subprocess.run(["git", "clone", "--quiet", REPOSITORY, newer], check=True)
    shutil.copytree(REPOSITORY / "static/vendor/node_modules", newer / "static/vendor/node_modules")
    versions = newer / "gridmap/store/migrations/versions"
    latest = max(path.name[:4] for path in versions.glob("[0-9]*.py"))
    (versions / "9999_newer_version.py").write_text(NEW_MIGRATION.format(latest=latest))
    subprocess.run(["git", "-C", newer, "add", "-A"], check=True)
    rows = []
    for root, name in ((REPOSITORY, "a.tar"), (newer, "b.tar")):
        start = time.monotonic()
        bundle = make_bundle(root, key_file, media, lambda step: None)
        bundle.rename(media / name)
        size = (media / name).stat().st_size / 1e6
        rows.append({"step": f"scripts/bundle ({size:.0f} MB)", "seconds": time.monotonic() - start})
    return public_key(load_key(key_file)), rows


def run_drill(folder: Path, *, quick: bool) -> Drill:
    """Make the bundles and a machine, and go through all steps."""
    key, rows = make_bundles(folder)
    with offline_machine(folder / "disk") as machine:
        subprocess.run(["cp", "-r", folder / "media", folder / "disk"], check=True)
        drill = Drill(machine, key)
        drill.rows += rows
        interfaces = machine.do("tail -n +3 /proc/net/dev | cut -d: -f1").split()
        drill.expect("network interfaces of the machine", interfaces, ["lo"])
        machine.do(f"useradd --create-home {USER}")
        steps: list[Callable[[], Any]] = [
            drill.refuse_bundles,
            lambda: drill.first_start("root", "/opt"),
            lambda: drill.first_start(USER, f"/home/{USER}"),
            *([] if quick else [drill.user_service]),
            drill.install_service,
            drill.cut_power,
            drill.upgrade_and_return,
            drill.uninstall,
        ]
        for each in steps:
            each()
    return drill


def main() -> int:
    """Read the command line, go through the drill, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="without the ordinary user's service")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    reason = missing_tools()
    if reason:
        print(f"not possible here: {reason}", file=sys.stderr)
        return NOT_POSSIBLE
    with tempfile.TemporaryDirectory(prefix="gridmap-offline-") as name:
        drill = run_drill(Path(name), quick=options.quick)
    print_report("install_offline", drill.rows, drill.targets, as_json=options.json)
    return 0 if all(each["met"] for each in drill.targets) else 1


if __name__ == "__main__":
    sys.exit(main())
