"""The parts of the service, put together and run."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from gridmap.core.errors import N_, Message
from gridmap.core.progress import Progress, ignore_progress
from gridmap.serving.listener import listen, listener_url, single_instance
from gridmap.serving.logs import configure_logging
from gridmap.serving.supervisor import Component, WebProcesses, supervise
from gridmap.serving.tls_proxy import CaddyProxy, LanEndpoint

RUNNING_TEXT = N_("gridmap is running: {address}")
STOP_HINT = N_("Ctrl-C stops it.")
DEFAULT_APPLICATION = "gridmap.serving.application:create"
MessageWriter = Callable[[Message], None]
ProgressFactory = Callable[[], AbstractContextManager[Progress]]


def _no_progress() -> AbstractContextManager[Progress]:
    return nullcontext(ignore_progress)


@dataclass(frozen=True)
class Service:
    """What to run.

    Parameters
    ----------
    host : str
        Address to listen at; others than this machine's loopback are reached without encryption.
    port : int
        Port to listen at; 0 for any that is free.
    processes : int
        Web processes.
    application : str
        ``MODULE:FUNCTION`` that makes the WSGI application; only gridmap's own needs a database.
    demo : bool
        Whether an empty database is given the demo subdistrict.
    lan : LanEndpoint, optional
        Where Caddy stands in front, for the local network.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    processes: int = 2
    application: str = DEFAULT_APPLICATION
    demo: bool = False
    lan: LanEndpoint | None = None

    def run(self, write_message: MessageWriter, open_progress: ProgressFactory = _no_progress) -> None:
        """Start everything, stay until a signal comes, stop everything.

        Parameters
        ----------
        write_message : callable
            Takes what people should know.
        open_progress : callable
            Opens what shows how far work is that takes long.

        Raises
        ------
        Unable
            When this home is served already, the port is taken, or a part does not start.
        BadInput
            When there is no PostGIS and none can be fetched.
        """
        with single_instance() as note:
            configure_logging("serve")
            listening = listen(self.host, self.port)
            address = listener_url(listening)
            note(address)
            news: list[Message] = []
            web = WebProcesses(self.application, listening.fileno(), self.processes, behind_proxy=self.lan is not None)
            web.preload()
            caddy = [CaddyProxy(self.lan, address)] if self.lan else []
            parts = [*self._database_components(web, news, open_progress), web, *caddy]
            supervise(
                parts,
                lambda: _write_startup_messages(
                    write_message, address, [*news, *(words for one in caddy for words in one.startup_messages())]
                ),
            )

    def _database_components(
        self, web: WebProcesses, messages: list[Message], open_progress: ProgressFactory
    ) -> list[Component]:
        """What has to run before the web processes."""
        if self.application != DEFAULT_APPLICATION:
            return []
        from gridmap.serving.bootstrap import prepare_database
        from gridmap.serving.postgis import PostgisComponent

        return [
            PostgisComponent(
                lambda url: messages.extend(prepare_database(url, demo=self.demo)), web.restart, open_progress
            )
        ]


def _write_startup_messages(write_message: MessageWriter, url: str, messages: Sequence[Message]) -> None:
    for line in (Message(RUNNING_TEXT, {"address": url}), *messages, Message(STOP_HINT)):
        write_message(line)
