"""The parts of the service, put together and run."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from gridmap.core.errors import N_, Message
from gridmap.core.progress import Progress, silent
from gridmap.serving.lan import Caddy, Lan
from gridmap.serving.logs import keep_log
from gridmap.serving.seat import address_of, listen, only_one
from gridmap.serving.supervisor import Part, WebProcesses, supervise

READY = N_("gridmap is running: {address}")
STOPPING = N_("Ctrl-C stops it.")
GRIDMAP = "gridmap.serving.application:create"
Tell = Callable[[Message], None]
Showing = Callable[[], AbstractContextManager[Progress]]


def _unseen() -> AbstractContextManager[Progress]:
    return nullcontext(silent)


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
    lan : Lan, optional
        Where Caddy stands in front, for the local network.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    processes: int = 2
    application: str = GRIDMAP
    demo: bool = False
    lan: Lan | None = None

    def run(self, tell: Tell, showing: Showing = _unseen) -> None:
        """Start everything, stay until a signal comes, stop everything.

        Parameters
        ----------
        tell : callable
            Takes what people should know.
        showing : callable
            Opens what shows how far work is that takes long.

        Raises
        ------
        Unable
            When this home is served already, the port is taken, or a part does not start.
        BadInput
            When there is no PostGIS and none can be fetched.
        """
        with only_one() as note:
            keep_log("serve")
            listening = listen(self.host, self.port)
            address = address_of(listening)
            note(address)
            news: list[Message] = []
            web = WebProcesses(self.application, listening.fileno(), self.processes, proxied=self.lan is not None)
            web.warm()
            caddy = [Caddy(self.lan, address)] if self.lan else []
            parts = [*self._before(web, news, showing), web, *caddy]
            supervise(parts, lambda: _tell(tell, address, [*news, *(words for one in caddy for words in one.words())]))

    def _before(self, web: WebProcesses, news: list[Message], showing: Showing) -> list[Part]:
        """What has to run before the web processes."""
        if self.application != GRIDMAP:
            return []
        from gridmap.serving.beginning import prepare
        from gridmap.serving.postgis import Postgis

        return [Postgis(lambda url: news.extend(prepare(url, demo=self.demo)), web.renew, showing)]


def _tell(tell: Tell, address: str, news: Sequence[Message]) -> None:
    for line in (Message(READY, {"address": address}), *news, Message(STOPPING)):
        tell(line)
