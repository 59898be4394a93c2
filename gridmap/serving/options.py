"""The service that the options of ``gridmap serve`` and ``gridmap web`` describe."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.serving.proxies.certificate import load_certificate
from gridmap.serving.proxies.proxy_headers import TrustedProxies
from gridmap.serving.proxies.tls_proxy import LanEndpoint, detect_lan_address
from gridmap.serving.service import Service

NOT_AN_ADDRESS = N_("{value} is not an address or network of a proxy; write, for example, 10.1.2.3 or 10.1.2.0/24.")
TWO_PROXIES = N_("--behind-proxy is for a proxy of the office, --lan and --certificate for ours: choose one of them.")


def service_from_options(options: dict[str, Any]) -> Service:
    """Return the service of the options of ``serve``, or of those of ``web``, which has no proxy of its own.

    Raises
    ------
    NotPossible
        If options contradict one another, or name what does not exist.
    """
    lan, certificate, key = (options.pop(name, None) for name in ("lan", "certificate", "certificate_key"))
    host, port, trust_port = (options.pop(name, None) for name in ("lan_host", "lan_port", "trust_port"))
    _check_proxies(options["trusted_proxies"], own_proxy=bool(lan or certificate))
    endpoint = _endpoint(host, (port, trust_port), certificate, key) if lan or certificate else None
    return Service(**options, lan=endpoint)


def _endpoint(host: str | None, ports: tuple[int, int], certificate: Path | None, key: Path | None) -> LanEndpoint:
    loaded = load_certificate(certificate, key) if certificate else None
    return LanEndpoint(host or detect_lan_address(), *ports, loaded)


def _check_proxies(proxies: Sequence[str], *, own_proxy: bool) -> None:
    if proxies and own_proxy:
        raise NotPossible(Message(TWO_PROXIES))
    for value in proxies:
        try:
            TrustedProxies.parse([value])
        except ValueError as error:
            raise NotPossible(Message(NOT_AN_ADDRESS, {"value": value})) from error
