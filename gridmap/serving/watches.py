"""Components of the service that do not serve: the backup of the night, and the watch of this host."""

import logging
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from gridmap import config
from gridmap.jobs.process_limits import set_parent_death_signal
from gridmap.services.operations import backup_schedule, backups
from gridmap.services.operations.host_health import HostWatch
from gridmap.serving.bootstrap import CLI_CODE
from gridmap.serving.logs import open_private
from gridmap.serving.processes import output_file

CHECK_INTERVAL_S = 30.0
START_DELAY_S = 60.0
"""Seconds after the start in which no backup is made: the first users come before it."""
STOP_TIMEOUT_S = 5.0
NO_RECIPIENT = "no recipient of backups is chosen, so none are made: gridmap keys recipient --new FILE"
log = logging.getLogger(__name__)


@dataclass
class NightlyBackup:
    """Backup of the night in a process of its own, once for all hosts of the database.

    Parameters
    ----------
    folder : Path, optional
        Folder of the backups; by default one in gridmap's home.
    hour : int
        Hour of the office's time.
    """

    folder: Path | None = None
    hour: int = backup_schedule.DEFAULT_HOUR
    process: "subprocess.Popen[bytes] | None" = None
    running_slot: datetime | None = None
    done_slot: datetime | None = None
    next_check_at: float = 0.0
    ready: bool = field(default=True, init=False)

    def start(self) -> None:
        """Wait a while, so that a backup does not slow down the start."""
        self.next_check_at = time.monotonic() + START_DELAY_S
        if not backups.load_recipients().is_chosen:
            log.warning(NO_RECIPIENT)

    def poll(self) -> None:
        """Begin the backup when it is due, and note its end."""
        if self.process is not None:
            code = self.process.poll()
            if code is not None:
                self._finish(code)
        elif time.monotonic() >= self.next_check_at:
            self.next_check_at = time.monotonic() + CHECK_INTERVAL_S
            slot = backup_schedule.latest_slot(datetime.now(ZoneInfo(config.office_time_zone())), self.hour)
            if slot != self.done_slot and backups.load_recipients().is_chosen:
                self._begin(slot)

    def stop(self) -> None:
        """End a running backup; its incomplete file is removed by the next one."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _begin(self, slot: datetime) -> None:
        arguments = ["db", "backup", "--scheduled", "--hour", str(self.hour), "--language", "en"]
        folder = [str(self.folder.absolute())] if self.folder else []
        with open(output_file("backup"), "wb", opener=open_private) as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-c", CLI_CODE, *arguments, *folder],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=set_parent_death_signal,  # noqa: PLW1509 - no thread here can hold a lock
            )
        self.running_slot = slot

    def _finish(self, code: int) -> None:
        self.process = None
        lines = output_file("backup").read_text("utf-8", "replace").splitlines() or [""]
        if code == 0:
            self.done_slot = self.running_slot
            log.info("backup of the night: %s", lines[-1])
            return
        self.next_check_at = time.monotonic() + backup_schedule.RETRY_DELAY.total_seconds()
        log.error("the backup of the night ended with %s: %s", code, " ".join(lines))


@dataclass
class HostWatchComponent:
    """Regular look at disks and clock, for the log."""

    watch: HostWatch = field(default_factory=HostWatch)
    next_check_at: float = 0.0
    ready: bool = field(default=True, init=False)

    def start(self) -> None:
        """Look at once: a disk may be full already."""
        self.watch.check()

    def poll(self) -> None:
        """Look every half minute."""
        if time.monotonic() >= self.next_check_at:
            self.next_check_at = time.monotonic() + CHECK_INTERVAL_S
            self.watch.check()

    def stop(self) -> None:
        """Do nothing: there is nothing to stop."""
