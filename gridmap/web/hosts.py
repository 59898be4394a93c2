"""Allowed hosts: a request that names another host is refused before anything else runs.

A page of another site can point its own name at this service (DNS rebinding), and whatever builds an absolute URL would
follow the name of the request. The check is therefore around the whole application.
"""

import logging
import re
import socket
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication

from gridmap.core.errors import N_
from gridmap.texts import LANGUAGES, language_tag, translate

LABEL = r"[a-z0-9_-]{1,63}"
HOST_PATTERN = re.compile(
    rf"(?P<name>{LABEL}(\.{LABEL}){{0,126}}\.?|\[[0-9a-f:.]+(%[a-z0-9._-]+)?\])(:[0-9]{{1,5}})?", re.IGNORECASE
)
LOCAL = "local"
UNKNOWN_HOST = N_(
    "gridmap does not serve the name in this address. Whoever runs gridmap can allow it: gridmap serve --allowed-host."
)
INVALID_HOST = N_("The browser's request could not be understood.")
REFUSALS = {400: ("400 Bad Request", INVALID_HOST), 421: ("421 Misdirected Request", UNKNOWN_HOST)}
PAGE = '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{status}</title>{sentences}</html>'
log = logging.getLogger(__name__)


class HostFilter:
    """WSGI middleware that refuses requests for other hosts than those of this service.

    Parameters
    ----------
    application : WSGI application
    allowed_hosts : iterable of str
        Names and addresses, without ports; ``*.example.org`` stands for all names below it, and ``local`` for the names
        of this machine and for private addresses, since the name of another site is no address.
    """

    def __init__(self, application: WSGIApplication, allowed_hosts: Iterable[str]) -> None:
        self.application = application
        self.allowed_hosts = frozenset(host.strip().lower().strip("[]") for host in allowed_hosts)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Pass a request on, or answer it with 400 for an invalid host and 421 for an unknown one (RFC 9110)."""
        name = host_name(environ.get("HTTP_HOST", ""))
        if name is None:
            return refuse(400, start_response)
        if not self.allows(name):
            log.warning("a request for another host was refused; --allowed-host names the hosts of this service")
            return refuse(421, start_response)
        return self.application(environ, start_response)

    def allows(self, name: str) -> bool:
        """Return whether this service answers for a host."""
        named = name in self.allowed_hosts or f"*.{name.partition('.')[2]}" in self.allowed_hosts
        return named or (LOCAL in self.allowed_hosts and is_local(name))


def host_name(header: str) -> str | None:
    """Return the name or address in a Host header, without its port; None if the header is missing or invalid.

    >>> [host_name(header) for header in ("Example.org:8443", "[::1]:8000", "a b", "evil.example/x", "")]
    ['example.org', '::1', None, None, None]
    """
    match = HOST_PATTERN.fullmatch(header)
    return match["name"].lower().strip("[]").removesuffix(".") if match else None


def is_local(name: str) -> bool:
    """Return whether a name or address is one of this machine or of a private network.

    >>> [is_local(name) for name in ("localhost", "127.0.0.1", "192.168.1.5", "::1", "8.8.8.8", "evil.example")]
    [True, True, True, True, False, False]
    """
    try:
        address = ip_address(name.partition("%")[0])
    except ValueError:
        machine = socket.gethostname().lower()
        return name in {"localhost", machine, machine.partition(".")[0], f"{machine.partition('.')[0]}.local"}
    return address.is_loopback or address.is_private or address.is_link_local


def refuse(status: int, start_response: StartResponse) -> list[bytes]:
    """Answer with a small page in every language, which repeats nothing of the request."""
    line, sentence = REFUSALS[status]
    texts = "".join(f'<p lang="{language_tag(each)}">{translate(sentence, each)}</p>' for each in LANGUAGES)
    body = PAGE.format(status=status, sentences=texts).encode()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Content-Security-Policy", "default-src 'none'"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
    ]
    start_response(line, headers)
    return [body]
