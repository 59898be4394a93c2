"""Network addresses of requests, as values of the column type ``inet``."""

from ipaddress import ip_address

from sqlalchemy import ColumnElement, cast
from sqlalchemy.dialects.postgresql import INET


def parse_address(address: str | None) -> str | None:
    """Return a network address that the database accepts; None for any other text, which a proxy may have written.

    Examples
    --------
    >>> [parse_address(address) for address in ("192.0.2.1", "fe80::1%eth0", "unknown", None)]
    ['192.0.2.1', 'fe80::1', None, None]
    """
    try:
        return str(ip_address((address or "").partition("%")[0]))
    except ValueError:
        return None


def inet_value(address: str | None) -> ColumnElement[str | None]:
    """Return a network address as a value of a query; NULL where the text is none."""
    return cast(parse_address(address), INET)
