"""Headers of a trusted proxy: the address of the client, the scheme and the host, of the last hop only.

Anybody can send such headers. They count only on connections from an address that the operator has named; on others
they are removed before the application sees them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication

from waitress.proxy_headers import proxy_headers_middleware

LOOPBACK = "127.0.0.1"
HONOURED_HEADERS = frozenset({"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"})
SINGLE_VALUE_HEADERS = ("HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")


@dataclass(frozen=True)
class TrustedProxies:
    """Addresses of proxies whose headers count.

    Examples
    --------
    >>> proxies = TrustedProxies.parse(["10.1.2.3", "192.168.7.0/24"])
    >>> [proxies.include(address) for address in ("10.1.2.3", "192.168.7.9", "::ffff:10.1.2.3", "10.1.2.4", "")]
    [True, True, True, False, False]
    """

    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> "TrustedProxies":
        """Return the proxies of addresses and networks.

        Raises
        ------
        ValueError
            If one of them is neither an address nor a network such as 192.168.7.0/24.
        """
        return cls(tuple(ip_network(text.strip(), strict=False) for text in texts))

    def include(self, address: str) -> bool:
        """Return whether a network address is one of a trusted proxy."""
        try:
            parsed: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
        return any((mapped or parsed) in network for network in self.networks)

    def client_address(self, peer: str, headers: Mapping[str, str]) -> str:
        """Return the address of the client of a request, whose headers waitress has parsed."""
        forwarded = headers.get("X_FORWARDED_FOR", "").rpartition(",")[2].strip() if self.include(peer) else ""
        return forwarded or peer

    def wrap(self, application: WSGIApplication) -> WSGIApplication:
        """Return an application that honours the headers of these proxies, and removes those of others."""
        honouring: WSGIApplication = proxy_headers_middleware(
            application, trusted_proxy="*", trusted_proxy_headers=HONOURED_HEADERS, clear_untrusted=True
        )
        removing: WSGIApplication = proxy_headers_middleware(application, trusted_proxy=None, clear_untrusted=True)

        def handle(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
            if not self.include(environ["REMOTE_ADDR"]):
                return removing(environ, start_response)
            for name in SINGLE_VALUE_HEADERS:
                if name in environ:
                    environ[name] = environ[name].rpartition(",")[2].strip()
            return honouring(environ, start_response)

        return handle


def shared_prefix(address: str) -> str:
    """Return an address, or the /64 of an IPv6 address, since a household gets a whole one.

    >>> shared_prefix("198.51.100.7"), shared_prefix("2001:db8::1234:5")
    ('198.51.100.7', '2001:db8::/64')
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    return str(ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)
