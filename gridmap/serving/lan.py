"""Caddy in front, so that phones in the same network come by TLS; plain HTTP allows them no location and no storage."""

import hashlib
import shutil
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import segno

from gridmap import config
from gridmap.core.errors import N_, Message, Unable
from gridmap.serving.children import Child, stop_all
from gridmap.serving.seat import listen
from gridmap.serving.supervisor import STOP_S
from gridmap.serving.trust import CERTIFICATE, trust_page

NOWHERE = "192.0.2.1"  # kept for documentation by RFC 5737; nothing is sent there
SAFE = N_("In this network, also on phones: {address}")
FIRST = N_("Once on each phone, before that: scan this, or open {address}")
COMPARE = N_("There, compare the fingerprint: {fingerprint}")
NO_NETWORK = N_("This machine is in no network; name its address with --lan-host.")
NO_CADDY = N_(
    "Caddy is needed for --lan and could not be fetched; install it, for example: apt-get install caddy ({words})"
)
CADDYFILE = """\
{{
	admin off
	auto_https disable_redirects
	skip_install_trust
	default_sni {host}
	storage file_system `{storage}`
	pki {{
		ca local {{
			name gridmap
			root_cn `gridmap {machine}`
			intermediate_cn `gridmap {machine} intermediate`
		}}
	}}
	log {{
		output file `{log}` {{
			roll_size 5MiB
			roll_keep 3
		}}
	}}
}}
https://{host}:{port} {{
	bind {host}
	tls internal
	reverse_proxy {inner} {{
		transport http {{
			keepalive 10s
		}}
	}}
}}
http://{host}:{trust_port} {{
	bind {host}
	root * `{pages}`
	rewrite / /trust
	try_files {{path}} {{path}}.html
	header /*.crt Content-Type application/x-x509-ca-cert
	file_server
}}
"""


@dataclass(frozen=True)
class Lan:
    """Where the service is reached in the local network.

    Parameters
    ----------
    host : str
        Address of this machine there.
    port : int
        Port for everything, by TLS.
    trust_port : int
        Port for the page that says how a phone comes to trust this machine, in plain HTTP.
    """

    host: str
    port: int = 8443
    trust_port: int = 8444

    @property
    def address(self) -> str:
        """Where people go."""
        return f"https://{self.host}:{self.port}"

    @property
    def trust_address(self) -> str:
        """Where they go first."""
        return f"http://{self.host}:{self.trust_port}/trust"


class Caddy:
    """Caddy with an authority of its own, whose key and certificate stay in gridmap's home.

    Parameters
    ----------
    lan : Lan
        Where it listens.
    inner : str
        Address of the web processes.
    """

    def __init__(self, lan: Lan, inner: str) -> None:
        self.lan, self.inner = lan, inner
        self.folder = config.home() / "caddy"
        self.child: Child | None = None

    @property
    def ready(self) -> bool:
        """Whether it runs and phones can be told what to trust."""
        return self.child is not None and self.child.ready

    def start(self) -> None:
        """Start it, fetching it where the machine has none."""
        listen(self.lan.host, self.lan.port, "GRIDMAP_LAN_PORT").close()
        listen(self.lan.host, self.lan.trust_port, "GRIDMAP_TRUST_PORT").close()
        configuration = self._configured()
        command = [str(program()), "run", "--adapter", "caddyfile", "--config", str(configuration)]
        self.child = Child("caddy", command)
        self.child.start()

    def watch(self) -> None:
        """Look after it; once its authority has a certificate, write the page about it."""
        if self.child is None:
            return
        self.child.watch()
        if not self.child.ready and self._root().exists():
            self._write_page()
            self.child.ready = True

    def stop(self) -> None:
        """End it."""
        if self.child:
            stop_all([self.child], STOP_S)

    def words(self) -> Iterable[Message]:
        """What people at the terminal should know, the code for phones to scan among it."""
        yield Message(SAFE, {"address": self.lan.address})
        yield Message(FIRST, {"address": self.lan.trust_address})
        yield from (Message("{row}", {"row": row}) for row in code(self.lan.trust_address))
        yield Message(COMPARE, {"fingerprint": fingerprint(self._root())})

    def _configured(self) -> Path:
        pages, configuration = self.folder / "pages", self.folder / "Caddyfile"
        self.folder.mkdir(mode=0o700, exist_ok=True)
        pages.mkdir(exist_ok=True)
        places = {"storage": self.folder, "pages": pages, "log": config.log_file().with_name("caddy.log")}
        inner = self.inner.removeprefix("http://")
        text = CADDYFILE.format(**vars(self.lan), **places, inner=inner, machine=socket.gethostname())
        configuration.write_text(text, "utf-8")
        return configuration

    def _root(self) -> Path:
        return self.folder / "pki" / "authorities" / "local" / "root.crt"

    def _write_page(self) -> None:
        page = trust_page(self.lan.address, fingerprint(self._root()), socket.gethostname())
        (self.folder / "pages" / "trust.html").write_text(page, "utf-8")
        shutil.copy(self._root(), self.folder / "pages" / CERTIFICATE)
        shutil.copy(config.folder("static") / "css" / "gridmap.css", self.folder / "pages")


def program() -> Path:
    """Caddy: the machine's, else a private copy.

    As root, too, it is not installed: the package would at once start a web server of its own on port 80.

    Raises
    ------
    Unable
        When there is none and none can be fetched.
    """
    from gridmap.store.cluster.private import single
    from gridmap.store.cluster.programs import Failed

    found = shutil.which("caddy")
    if found:
        return Path(found)
    try:
        return single("caddy") / "usr" / "bin" / "caddy"
    except Failed as error:
        raise Unable(Message(NO_CADDY, {"words": error.words.strip().rpartition("\n")[2]})) from error


def own_address() -> str:
    """Address of this machine in the network that its route to the rest of the world goes through.

    Raises
    ------
    Unable
        When there is no such route.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((NOWHERE, 9))
        except OSError as error:
            raise Unable(Message(NO_NETWORK)) from error
        return str(probe.getsockname()[0])


def fingerprint(certificate: Path) -> str:
    """SHA-256 of a certificate, spelled as phones show it."""
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.read_text("ascii"))).hexdigest().upper()
    return " ".join(digest[at : at + 2] for at in range(0, len(digest), 2))


def code(text: str) -> list[str]:
    """A QR code for a dark terminal, two rows of modules in each line.

    >>> len(code("http://192.168.1.5:8444/trust"))
    15
    """
    rows = [list(row) for row in segno.make(text, error="l", micro=False).matrix_iter(border=2)]
    pairs = zip(rows[::2], [*rows[1::2], [1] * len(rows[0])], strict=False)
    return [
        "".join(" ▄▀█"[2 * (not upper) + (not lower)] for upper, lower in zip(*pair, strict=True)) for pair in pairs
    ]
