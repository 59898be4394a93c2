"""A PostgreSQL server of our own: made, started, stopped, and started again after whatever ended it."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

from gridmap.core.errors import N_, Message
from gridmap.core.progress import Progress, silent
from gridmap.store.cluster import address, databases, lock_file, private, settings
from gridmap.store.cluster.binaries import Binaries, find
from gridmap.store.cluster.place import Place
from gridmap.store.cluster.programs import Failed, owned, run, server_account
from gridmap.store.cluster.refusals import SEE_LOG, refusal

OWNER, SUPERUSER, DATABASE = "gridmap", "postgres", "gridmap"
LOOK = Message(N_("bring them back, or take the link away to begin anew, and restore a backup"))
ATTEMPTS = 3  # somebody else may take the port between our look and the server's start


@dataclass(frozen=True)
class Cluster:
    """The cluster that belongs to a home of gridmap.

    Parameters
    ----------
    home : Path
        Home of gridmap; another home has another cluster.
    durable : bool
        Whether what is committed survives a loss of power; only tests can do without.
    progress : Progress
        Told of the steps when PostGIS has to be fetched.
    """

    home: Path
    durable: bool = True
    progress: Progress = field(default=silent, compare=False)

    def start(self) -> str:
        """Address of the owner's database, on a server that runs from now on.

        Raises
        ------
        BadInput
            If no PostgreSQL with PostGIS can be found or fetched, or it does not start.
        """
        try:
            with self.place.locked():
                if not self.answers():
                    self._bring_up()
                self._prepare()
                return self.url()
        except (Failed, OSError, psycopg2.Error) as error:
            raise refusal(Message(N_("the database cannot be started")), str(error)) from error

    def stop(self) -> None:
        """End the server after its sessions are ended and everything is on disk; nothing happens when none runs."""
        with self.place.locked():
            self._clear(self.place.data())
            if self.postmaster():
                self._end()

    def kill(self, number: int) -> None:
        """End the server that has this process id at once; what is committed is on the disk for the next start."""
        with self.place.locked():
            lock_file.kill(self.place.data(), number)

    def renew(self) -> None:
        """Fetch the private copy anew and start the server with it, for the corrections of its authors.

        Raises
        ------
        BadInput
            If the programs are the machine's own, whose administrator looks after them, or cannot be fetched; the
            server goes on with the old ones then.
        """
        binaries = self.binaries()
        if not binaries.environment:
            raise refusal(Message(N_("PostgreSQL is the machine's own, and is renewed with its packages")))
        private.renewed(binaries.version, self.progress)
        self.stop()
        self.start()

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.home)

    def postmaster(self) -> int | None:
        """Process id of the server, or None."""
        return lock_file.living(self.place.data())

    def url(self, database: str = DATABASE, role: str = OWNER) -> str:
        """Address of a database; that of the owner unless told otherwise."""
        port = lock_file.port(self.place.data())
        if port is None:
            raise refusal(
                Message(N_("the database does not run")), advice=Message(N_("start it with: gridmap db start"))
            )
        return address.written(role, self.place.password(role), port, database)

    def answers(self) -> bool:
        """Whether the server takes connections."""
        return lock_file.answers(self.place.data())

    def binaries(self) -> Binaries:
        """Programs that can read the data there is, or the newest where there is none."""
        noted = self.place.data() / "PG_VERSION"
        return find(int(noted.read_text()) if noted.exists() else None, self.progress)

    def _bring_up(self) -> None:
        data = self.place.data()
        self.binaries()  # before anything is touched
        self._clear(data)
        if not data.exists() and self.place.inside.is_symlink():
            raise refusal(Message(N_("the data of this home are gone from {folder}"), {"folder": data}), advice=LOOK)
        if not data.exists():
            self._initialise(data)
        self.place.link()
        for left in reversed(range(ATTEMPTS)):
            lock_file.bury(data)
            self._configure(data)
            try:
                return self._control("start", "-t", "120", "-l", data / "start.log")
            except Failed as error:
                words = error.words + self._log(data)
                if not left or "could not bind" not in words:
                    advice = Message(SEE_LOG, {"folder": data / "log"})
                    raise refusal(Message(N_("the database server does not start")), words, advice) from error
        return None

    def _clear(self, data: Path) -> None:
        """Away with a server that hangs: it can neither be used nor asked to stop."""
        number = self.postmaster()
        if number and lock_file.hangs(data):
            lock_file.kill(data, number)

    def _initialise(self, data: Path) -> None:
        """Make an empty cluster beside its place, and move it there when it is complete."""
        part, account = data.with_suffix(".part"), server_account()
        shutil.rmtree(part, ignore_errors=True)
        part.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        part.mkdir(mode=0o700)
        secret = self._handed_over(data.with_suffix(".secret"), self.place.password(SUPERUSER))
        options = ["-U", SUPERUSER, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"]
        binaries = self.binaries()
        try:
            sync = [] if self.durable else ["--no-sync"]
            arguments: list[str | Path] = ["-D", owned(part, account), f"--pwfile={secret}", *options, *sync]
            run(binaries["initdb"], *arguments, environment=binaries.environment, account=account)
            with (part / "postgresql.conf").open("a") as file:
                file.write("include 'gridmap.conf'\n")
        except Failed as error:
            raise refusal(Message(N_("the folder for the database cannot be made")), error.words) from error
        finally:
            secret.unlink()
        part.rename(data)

    def _configure(self, data: Path) -> None:
        settled = settings.written(self.place.port(), self.durable)
        self._handed_over(data / "gridmap.conf", settled)

    def _handed_over(self, file: Path, text: str) -> Path:
        """A file that only the server's account can read."""
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
            written.write(text)
        return owned(file, server_account())

    def _end(self) -> None:
        try:
            self._control("stop", "-m", "fast")
        except Failed as error:
            advice = Message(SEE_LOG, {"folder": self.place.data() / "log"})
            raise refusal(Message(N_("the database server does not stop")), error.words, advice) from error

    def _control(self, *arguments: str | Path) -> None:
        binaries = self.binaries()
        told: list[str | Path] = ["-D", self.place.data(), "-w", "-s", *arguments]
        run(binaries["pg_ctl"], *told, environment=binaries.environment, account=server_account())

    def _log(self, data: Path) -> str:
        """The end of what the server wrote last."""
        files = [data / "start.log", *(data / "log").glob("*.log")]
        newest = max((file for file in files if file.exists()), key=lambda file: file.stat().st_mtime, default=None)
        return newest.read_text(errors="replace")[-4000:] if newest else ""

    def _prepare(self) -> None:
        """Role, database and extensions; repairs a first start that was interrupted."""
        databases.own(self.url("postgres", SUPERUSER), OWNER, self.place.password(OWNER))
        databases.create(self.url("postgres", SUPERUSER), DATABASE, OWNER)
        databases.extend(self.url(DATABASE, SUPERUSER))
        databases.renew(self.url(DATABASE, SUPERUSER))
