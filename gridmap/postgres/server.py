"""Creation, start and stop of the private PostgreSQL server."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

from gridmap.core.errors import N_, Message
from gridmap.core.progress import Progress, ignore_progress
from gridmap.postgres import databases, private_install, settings, urls
from gridmap.postgres import postmaster as postgre_postmaster
from gridmap.postgres.binaries import Binaries, find_binaries
from gridmap.postgres.error_hints import SEE_LOG, error_with_hint
from gridmap.postgres.paths import ClusterPaths
from gridmap.postgres.subprocesses import ProgramError, run
from gridmap.secret_files import write_secret_file
from gridmap.system_accounts import give_to_account, server_account

OWNER_ROLE, SUPERUSER, DATABASE_NAME = "gridmap", "postgres", "gridmap"
DATA_MISSING_ADVICE = Message(N_("bring the folder back, or remove the link and restore a backup"))


@dataclass(frozen=True)
class Cluster:
    """Cluster of a home of gridmap.

    Parameters
    ----------
    home : Path
        Home of gridmap; another home has another cluster.
    durable : bool
        Whether committed data survive a loss of power; only tests can do without.
    progress : Progress
        Receives the steps when PostGIS has to be fetched.
    """

    home: Path
    durable: bool = True
    progress: Progress = field(default=ignore_progress, compare=False)

    def start(self) -> str:
        """Start the server if it does not run, and return the URL of the owner's database.

        Raises
        ------
        InvalidInput
            If no PostgreSQL with PostGIS can be found or fetched, or it does not start.
        """
        try:
            with self.paths.lock():
                if not self.is_answering():
                    self._start_server()
                self._prepare_database()
                return self.database_url()
        except (ProgramError, OSError, psycopg2.Error) as error:
            raise error_with_hint(Message(N_("the database cannot be started")), str(error)) from error

    def stop(self) -> None:
        """Stop the server: end its sessions and write everything to disk. Do nothing if no server runs."""
        with self.paths.lock():
            self._kill_if_hanging(self.paths.data_folder())
            if self.postmaster_pid():
                self._stop_server()

    def kill(self, pid: int) -> None:
        """Kill the server with this process id; committed data are on disk for the next start."""
        with self.paths.lock():
            postgre_postmaster.kill_server(self.paths.data_folder(), pid)

    def renew(self) -> None:
        """Fetch the current packages of the private copy and restart the server with them.

        Raises
        ------
        InvalidInput
            If the programs are the machine's own, which its administrator maintains, or cannot be fetched; the
            server then keeps the old ones.
        """
        binaries = self.binaries()
        if not binaries.environment:
            raise error_with_hint(Message(N_("PostgreSQL is the machine's own and is updated with its packages")))
        private_install.renew_copy(binaries.version, self.progress)
        self.stop()
        self.start()

    @property
    def paths(self) -> ClusterPaths:
        """Folders and files of the cluster."""
        return ClusterPaths(self.home)

    def postmaster_pid(self) -> int | None:
        """Return the process id of the server, or None if it does not run."""
        return postgre_postmaster.running_pid(self.paths.data_folder())

    def database_url(self, database: str = DATABASE_NAME, role: str = OWNER_ROLE) -> str:
        """Return the URL of a database, by default the owner's."""
        socket_file = postgre_postmaster.recorded_socket(self.paths.data_folder())
        if socket_file is None:
            raise error_with_hint(
                Message(N_("the database does not run")), advice=Message(N_("start it with: gridmap db start"))
            )
        return urls.local_url(role, self.paths.role_password(role), socket_file, database)

    def is_answering(self) -> bool:
        """Return whether the server accepts connections."""
        return postgre_postmaster.is_answering(self.paths.data_folder())

    def binaries(self) -> Binaries:
        """Return the programs for the version of the data, or the newest programs if there are no data."""
        version_file = self.paths.data_folder() / "PG_VERSION"
        return find_binaries(int(version_file.read_text()) if version_file.exists() else None, self.progress)

    def _start_server(self) -> None:
        data = self.paths.data_folder()
        self.binaries()  # fails before anything is changed
        self._stop_unreachable(data)
        self._kill_if_hanging(data)
        if not data.exists() and self.paths.data_link.is_symlink():
            raise error_with_hint(
                Message(N_("the data of this home are missing from {folder}"), {"folder": data}),
                advice=DATA_MISSING_ADVICE,
            )
        if not data.exists():
            self._initialise(data)
        self.paths.create_data_link()
        postgre_postmaster.remove_stale_lock(data)
        self._write_settings(data)
        try:
            self._run_pg_ctl("start", "-t", "120", "-l", data / "start.log")
        except ProgramError as error:
            output, advice = error.output + self._read_log(data), Message(SEE_LOG, {"folder": data / "log"})
            raise error_with_hint(Message(N_("the database server does not start")), output, advice) from error

    def _stop_unreachable(self, data: Path) -> None:
        """Stop a server without a socket, as after a clean-up of temporary files or under an earlier version."""
        socket_file = postgre_postmaster.recorded_socket(data)
        if self.postmaster_pid() and not (socket_file and socket_file.exists()):
            self._stop_server()

    def _kill_if_hanging(self, data: Path) -> None:
        """Kill a server that hangs: it does not stop when it is told to."""
        pid = self.postmaster_pid()
        if pid and postgre_postmaster.is_hanging(data):
            postgre_postmaster.kill_server(data, pid)

    def _initialise(self, data: Path) -> None:
        """Create an empty cluster in a temporary folder, and move it to its place when it is complete."""
        part, account = data.with_suffix(".part"), server_account()
        shutil.rmtree(part, ignore_errors=True)
        part.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        part.mkdir(mode=0o700)
        secret = self._write_server_file(data.with_suffix(".secret"), self.paths.role_password(SUPERUSER))
        options = ["-U", SUPERUSER, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"]
        binaries = self.binaries()
        try:
            sync = [] if self.durable else ["--no-sync"]
            arguments: list[str | Path] = ["-D", give_to_account(part, account), f"--pwfile={secret}", *options, *sync]
            run(binaries["initdb"], *arguments, environment=binaries.environment, account=account)
            with (part / "postgresql.conf").open("a") as file:
                file.write("include 'gridmap.conf'\n")
        except ProgramError as error:
            raise error_with_hint(Message(N_("the folder for the database cannot be made")), error.output) from error
        finally:
            secret.unlink()
        part.rename(data)

    def _write_settings(self, data: Path) -> None:
        socket_folder = self.paths.ensure_socket_folder()
        for stale in socket_folder.glob(".s.PGSQL.*"):  # of a killed server, whose process id another one may have
            stale.unlink()
        content = settings.render_settings(socket_folder, self.durable)
        self._write_server_file(data / "gridmap.conf", content)
        self._write_server_file(data / "pg_hba.conf", settings.HOST_BASED_AUTHENTICATION)

    def _write_server_file(self, file: Path, text: str) -> Path:
        """Write a file that only the server's account can read, and return its path."""
        file.unlink(missing_ok=True)
        write_secret_file(file, text)
        return give_to_account(file, server_account())

    def _stop_server(self) -> None:
        try:
            self._run_pg_ctl("stop", "-m", "fast")
        except ProgramError as error:
            advice = Message(SEE_LOG, {"folder": self.paths.data_folder() / "log"})
            raise error_with_hint(Message(N_("the database server does not stop")), error.output, advice) from error

    def _run_pg_ctl(self, *arguments: str | Path) -> None:
        binaries = self.binaries()
        options: list[str | Path] = ["-D", self.paths.data_folder(), "-w", "-s"]
        run(binaries["pg_ctl"], *options, *arguments, environment=binaries.environment, account=server_account())

    def _read_log(self, data: Path) -> str:
        """Return the end of the newest log file."""
        files = [data / "start.log", *(data / "log").glob("*.log")]
        newest = max((file for file in files if file.exists()), key=lambda file: file.stat().st_mtime, default=None)
        return newest.read_text(errors="replace")[-4000:] if newest else ""

    def _prepare_database(self) -> None:
        """Create the role, the database and the extensions that are missing, as after an interrupted first start."""
        server_url = self.database_url("postgres", SUPERUSER)
        databases.create_owner(server_url, OWNER_ROLE, self.paths.role_password(OWNER_ROLE))
        databases.grant_settings(server_url, OWNER_ROLE)
        databases.create_database(server_url, DATABASE_NAME, OWNER_ROLE)
        databases.create_extensions(self.database_url(DATABASE_NAME, SUPERUSER))
        databases.update_extensions(self.database_url(DATABASE_NAME, SUPERUSER))
