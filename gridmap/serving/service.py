"""Assembly of the components of the service."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from gridmap.core.errors import N_, Message
from gridmap.core.progress import Progress, ignore_progress
from gridmap.serving.jobs_process import JobsProcess
from gridmap.serving.listener import listen, listener_url, single_instance
from gridmap.serving.logs import configure_logging
from gridmap.serving.proxies.proxy_headers import LOOPBACK
from gridmap.serving.proxies.tls_proxy import CaddyProxy, LanEndpoint
from gridmap.serving.supervisor import Component, WebProcesses, supervise

RUNNING_TEXT = N_("gridmap is running: {address}")
STOP_HINT = N_("Ctrl-C stops it.")
DEFAULT_APPLICATION = "gridmap.serving.application:create_application"
MessageWriter = Callable[[Message], None]
ProgressFactory = Callable[[], AbstractContextManager[Progress]]


def _no_progress() -> AbstractContextManager[Progress]:
    return nullcontext(ignore_progress)


@dataclass(frozen=True)
class Service:
    """Configuration of the service.

    Parameters
    ----------
    host : str
        Address to listen at; any other than the loopback is reached without encryption.
    port : int
        Port to listen at; 0 for any free one.
    processes : int
        Number of web processes.
    job_slots : int
        Jobs at the same time on this host; 0 for none.
    application : str
        ``MODULE:FUNCTION`` that creates the WSGI application; only gridmap's own needs a database.
    demo : bool
        Whether an empty database gets the demo subdistrict.
    lan : LanEndpoint, optional
        Endpoint of Caddy in the local network; without it, Caddy does not run.
    trusted_proxies : tuple of str
        Addresses and networks of the office's TLS proxies; only their headers name the client, the scheme and the host.
    allowed_hosts : tuple of str
        Names and addresses of the service, in addition to those of `lan`; ``local`` for the machine's own.
    backup_folder : Path, optional
        Folder of the backups of the night; by default one in gridmap's home.
    backup_hour : int
        Hour of the office's time at which they are due.
    web_only : bool
        Whether this is a further web host: the database runs elsewhere, and its owner's login is not known here.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    processes: int = 2
    job_slots: int = 0
    application: str = DEFAULT_APPLICATION
    demo: bool = False
    lan: LanEndpoint | None = None
    trusted_proxies: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ("local",)
    backup_folder: Path | None = None
    backup_hour: int = 3
    web_only: bool = False

    def run(self, write_message: MessageWriter, open_progress: ProgressFactory = _no_progress) -> None:
        """Start all components, run until a signal arrives, stop all components.

        Parameters
        ----------
        write_message : callable
            Prints a message at the terminal.
        open_progress : callable
            Opens the progress display for long work.

        Raises
        ------
        NotPossible
            If this home is served already, the port is taken, or a component does not start.
        InvalidInput
            If there is no PostGIS and none can be fetched.
        """
        with single_instance() as store_address:
            configure_logging("serve")
            if self.web_only:
                self._database_url()  # refuses to start without one
            listener = listen(self.host, self.port)
            address = listener_url(listener)
            store_address(address)
            messages: list[Message] = []
            web = WebProcesses(
                self.application, listener.fileno(), self.processes, self._web_options(), self._database_url
            )
            web.preload()
            proxies = [CaddyProxy(self.lan, address)] if self.lan else []

            def write_startup_messages() -> None:
                proxy_messages = (message for proxy in proxies for message in proxy.startup_messages())
                for message in _startup_messages(address, [*messages, *proxy_messages]):
                    write_message(message)

            jobs = self._jobs_components()

            def restart_processes() -> None:
                web.restart()
                for component in jobs:
                    component.restart()

            database = self._database_components(restart_processes, messages, open_progress)
            supervise([*database, web, *jobs, *proxies, *self._watches()], write_startup_messages)

    def _web_options(self) -> list[str]:
        """Return the options that tell the web processes who reaches them, and by which names."""
        proxies = (*self.trusted_proxies, *([LOOPBACK] if self.lan else []))
        hosts = (*self.allowed_hosts, *(self.lan.hosts if self.lan else ()))
        named = (("--trusted-proxy", proxies), ("--allowed-host", hosts))
        return [word for option, values in named for value in values for word in (option, value)]

    def _database_components(
        self, restart_processes: Callable[[], None], messages: list[Message], open_progress: ProgressFactory
    ) -> list[Component]:
        """Return the components that start before the web processes."""
        if self.application != DEFAULT_APPLICATION:
            return []
        if self.web_only:
            from gridmap.serving.remote_database import RemoteDatabase

            return [RemoteDatabase(self._database_url())]
        from gridmap.serving.bootstrap import prepare_database
        from gridmap.serving.postgis import PostgisComponent

        def prepare(owner_url: str) -> None:
            messages.extend(prepare_database(owner_url, demo=self.demo))

        return [PostgisComponent(prepare, restart_processes, open_progress)]

    def _jobs_components(self) -> list[JobsProcess]:
        if self.application != DEFAULT_APPLICATION or not self.job_slots:
            return []
        return [JobsProcess(self.job_slots, self._database_url)]

    def _watches(self) -> list[Component]:
        """Return the components that watch, and back up, the database of this home."""
        if self.application != DEFAULT_APPLICATION or self.web_only:
            return []
        from gridmap.serving.watches import HostWatchComponent, NightlyBackup

        return [HostWatchComponent(), NightlyBackup(self.backup_folder, self.backup_hour)]

    def _database_url(self) -> str:
        """Return the address of the database for the web processes: the owner's login stays in this process."""
        if self.application != DEFAULT_APPLICATION:
            return ""
        from gridmap.postgres import lifecycle, urls
        from gridmap.serving.remote_database import database_address

        return database_address() if self.web_only else urls.without_login(lifecycle.database_url())


def _startup_messages(url: str, messages: Sequence[Message]) -> Sequence[Message]:
    return [Message(RUNNING_TEXT, {"address": url}), *messages, Message(STOP_HINT)]
