"""Caddy as TLS proxy; browsers offer location and storage only over TLS.

It serves with the office's own certificate, or for phones in the local network with one of its own authority.
"""

import hashlib
import shutil
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import segno

from gridmap import config
from gridmap.core.errors import N_, Message, NotPossible
from gridmap.serving.listener import listen
from gridmap.serving.processes import ManagedProcess, stop_all
from gridmap.serving.proxies.certificate import Certificate
from gridmap.serving.proxies.trust_page import CERTIFICATE_FILE_NAME, render_trust_page
from gridmap.serving.supervisor import STOP_TIMEOUT_S

TEST_NET_ADDRESS = "192.0.2.1"  # reserved for documentation by RFC 5737; no packet is sent
LAN_URL_TEXT = N_("In this network, also on phones: {address}")
TRUST_URL_TEXT = N_("Once on each phone, before that: scan this, or open {address}")
FINGERPRINT_TEXT = N_("There, compare the fingerprint: {fingerprint}")
NO_NETWORK = N_("This machine is in no network; name its address with --lan-host.")
NO_CADDY = N_(
    "Caddy is needed for --lan and --certificate and could not be fetched; install it, for example: apt-get install "
    "caddy ({words})"
)
CADDYFILE_TEMPLATE = """\
{{
	admin off
	auto_https disable_redirects
	skip_install_trust
	default_sni {default_name}
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
{sites} {{
	bind {host}
	tls {tls}
	reverse_proxy {upstream} {{
		transport http {{
			keepalive 10s
		}}
	}}
}}
"""
TRUST_PAGE_TEMPLATE = """\
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
class LanEndpoint:
    """Address of the service in the local network.

    Parameters
    ----------
    host : str
        Address of this machine in that network.
    port : int
        Port of the service, by TLS.
    trust_port : int
        Port of the page with the certificate of our own authority, in plain HTTP.
    certificate : Certificate, optional
        The office's own certificate; without it, our own authority issues one.
    """

    host: str
    port: int = 8443
    trust_port: int = 8444
    certificate: Certificate | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the office's own certificate."""
        return self.certificate.names if self.certificate else ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the names and addresses by which browsers reach the service."""
        return self.names or (self.host,)

    @property
    def url(self) -> str:
        """Return the URL of the service."""
        return f"https://{_in_url(self.hosts[0])}:{self.port}"

    @property
    def trust_url(self) -> str:
        """Return the URL of the page with the certificate."""
        return f"http://{_in_url(self.host)}:{self.trust_port}/trust"


class CaddyProxy:
    """Caddy with its own certificate authority, whose key stays in gridmap's home.

    Parameters
    ----------
    endpoint : LanEndpoint
        Address where it listens.
    upstream_url : str
        Address of the web processes.
    """

    def __init__(self, endpoint: LanEndpoint, upstream_url: str) -> None:
        self.endpoint, self.upstream_url = endpoint, upstream_url
        self.folder = config.data_dir() / "caddy"
        self.process: ManagedProcess | None = None

    @property
    def ready(self) -> bool:
        """Return whether Caddy runs and has its certificate."""
        return self.process is not None and self.process.ready

    def start(self) -> None:
        """Start Caddy; fetch a private copy if the machine has none."""
        listen(self.endpoint.host, self.endpoint.port, "GRIDMAP_LAN_PORT").close()
        if not self.endpoint.certificate:
            listen(self.endpoint.host, self.endpoint.trust_port, "GRIDMAP_TRUST_PORT").close()
        configuration = self._write_caddyfile()
        command = [str(find_caddy()), "run", "--adapter", "caddyfile", "--config", str(configuration)]
        self.process = ManagedProcess("caddy", command)
        self.process.start()

    def poll(self) -> None:
        """Check the process; write the trust page once the root certificate exists."""
        if self.process is None:
            return
        self.process.poll()
        if self.process.ready:
            return
        if self.endpoint.certificate:
            self.process.ready = self._is_listening()
        elif self._root_certificate().exists():
            self._write_trust_page()
            self.process.ready = True

    def _is_listening(self) -> bool:
        try:
            socket.create_connection((self.endpoint.host, self.endpoint.port), timeout=1).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """Stop Caddy."""
        if self.process:
            stop_all([self.process], STOP_TIMEOUT_S)

    def startup_messages(self) -> Iterable[Message]:
        """Yield the addresses and, for our own authority, a QR code and the fingerprint for the terminal."""
        yield Message(LAN_URL_TEXT, {"address": self.endpoint.url})
        if self.endpoint.certificate:
            yield from self.endpoint.certificate.warnings()
            return
        yield Message(TRUST_URL_TEXT, {"address": self.endpoint.trust_url})
        yield from (Message("{row}", {"row": row}) for row in qr_code_lines(self.endpoint.trust_url))
        yield Message(FINGERPRINT_TEXT, {"fingerprint": certificate_fingerprint(self._root_certificate())})

    def _write_caddyfile(self) -> Path:
        pages, configuration = self.folder / "pages", self.folder / "Caddyfile"
        self.folder.mkdir(mode=0o700, exist_ok=True)
        pages.mkdir(exist_ok=True)
        endpoint, certificate = self.endpoint, self.endpoint.certificate
        values = {
            "host": _in_url(endpoint.host),
            "trust_port": endpoint.trust_port,
            "default_name": endpoint.hosts[0],
            "sites": ", ".join(f"https://{_in_url(name)}:{endpoint.port}" for name in endpoint.hosts),
            "tls": f"`{certificate.file}` `{certificate.key_file}`" if certificate else "internal",
            "storage": self.folder,
            "pages": pages,
            "log": config.log_file().with_name("caddy.log"),
            "upstream": self.upstream_url.removeprefix("http://"),
            "machine": socket.gethostname(),
        }
        text = CADDYFILE_TEMPLATE + ("" if certificate else TRUST_PAGE_TEMPLATE)
        text = text.format(**values)
        configuration.write_text(text, "utf-8")
        return configuration

    def _root_certificate(self) -> Path:
        return self.folder / "pki" / "authorities" / "local" / "root.crt"

    def _write_trust_page(self) -> None:
        page = render_trust_page(
            self.endpoint.url, certificate_fingerprint(self._root_certificate()), socket.gethostname()
        )
        (self.folder / "pages" / "trust.html").write_text(page, "utf-8")
        shutil.copy(self._root_certificate(), self.folder / "pages" / CERTIFICATE_FILE_NAME)
        shutil.copy(config.resource_dir("static") / "css" / "gridmap.css", self.folder / "pages")


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def find_caddy() -> Path:
    """Return the program of Caddy: the machine's, else a private copy.

    The package is not installed even as root, since it would start its own web server on port 80.

    Raises
    ------
    NotPossible
        If there is no Caddy and none can be fetched.
    """
    from gridmap.postgres.private_install import ensure_package
    from gridmap.postgres.subprocesses import ProgramError

    program = shutil.which("caddy")
    if program:
        return Path(program)
    try:
        return ensure_package("caddy") / "usr" / "bin" / "caddy"
    except ProgramError as error:
        raise NotPossible(Message(NO_CADDY, {"words": error.output.strip().rpartition("\n")[2]})) from error


def detect_lan_address() -> str:
    """Return the address of this machine on the network of its default route.

    Raises
    ------
    NotPossible
        If there is no such route.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((TEST_NET_ADDRESS, 9))
        except OSError as error:
            raise NotPossible(Message(NO_NETWORK)) from error
        return str(probe.getsockname()[0])


def certificate_fingerprint(certificate: Path) -> str:
    """Return the SHA-256 of a certificate in the spelling of phones."""
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.read_text("ascii"))).hexdigest().upper()
    return " ".join(digest[start : start + 2] for start in range(0, len(digest), 2))


def qr_code_lines(text: str) -> list[str]:
    """Return a QR code for a dark terminal, with two rows of modules in each line.

    >>> len(qr_code_lines("http://192.168.1.5:8444/trust"))
    15
    """
    rows = [list(row) for row in segno.make(text, error="l", micro=False).matrix_iter(border=2)]
    pairs = zip(rows[::2], [*rows[1::2], [1] * len(rows[0])], strict=False)
    return [
        "".join(" ▄▀█"[2 * (not upper) + (not lower)] for upper, lower in zip(*pair, strict=True)) for pair in pairs
    ]
