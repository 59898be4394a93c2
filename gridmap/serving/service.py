"""The parts of the service, put together and run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gridmap.core.errors import N_, Message
from gridmap.serving.logs import keep_log
from gridmap.serving.seat import address_of, listen, only_one
from gridmap.serving.supervisor import Part, WebProcesses, supervise

READY = N_("gridmap is running: {address}")
STOPPING = N_("Ctrl-C stops it.")
Tell = Callable[[Message], None]


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
        ``MODULE:FUNCTION`` that makes the WSGI application.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    processes: int = 2
    application: str = "gridmap.serving.application:create"

    def run(self, tell: Tell, first: Sequence[Part] = ()) -> None:
        """Start everything, stay until a signal comes, stop everything.

        Parameters
        ----------
        tell : callable
            Takes what people should know.
        first : sequence of Part
            What has to run before the web processes.

        Raises
        ------
        Unable
            When this home is served already, the port is taken, or a part does not start.
        """
        with only_one() as note:
            keep_log("serve")
            listening = listen(self.host, self.port)
            note(address_of(listening))
            web = WebProcesses(self.application, listening.fileno(), self.processes)

            def announce() -> None:
                tell(Message(READY, {"address": address_of(listening)}))
                tell(Message(STOPPING))

            supervise([*first, web], announce)
