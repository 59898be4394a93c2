"""Environment variables of gridmap: the one place that lists, reads and checks them."""

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from gridmap.core.errors import N_, InputFault, InvalidInput, Message

PREFIX = "GRIDMAP_"
MAX_ROLE_PREFIX_BYTES = 56
"""Bytes of a name in PostgreSQL, less those of ``_reader``."""
LANGUAGE_STARTS = ("zh", "en")

WRONG_VALUE = N_("the environment variable has a wrong value")
UNKNOWN_VARIABLE = N_("gridmap knows no such environment variable")
SIMILAR_NAME = N_("did you mean {name}?")
FOLDER = N_("a folder")
FILE = N_("a file")
PORT = N_("a whole number from 0 to 65535")

Check = Callable[[str], object]
"""Check of a value that is not empty; it raises ValueError, KeyError or OSError for a wrong one."""


@dataclass(frozen=True)
class Variable:
    """Environment variable.

    Parameters
    ----------
    name : str
        Its name without the prefix.
    expected : str
        What is expected, for people.
    check : callable, optional
        Check of the value; None where any text will do, and for secrets, which are checked where they are read.
    """

    name: str
    expected: str = ""
    check: Check | None = None

    def find_fault(self, value: str) -> InputFault | None:
        """Return the fault of a value, or None if it is right."""
        try:
            if self.check:
                self.check(value)
        except (ValueError, KeyError, OSError):
            return InputFault(
                Message(WRONG_VALUE), file=PREFIX + self.name, value=value, expected=Message(self.expected)
            )
        return None


def _require(*, is_right: bool) -> None:
    if not is_right:
        raise ValueError


def _check_folder(value: str) -> None:
    """Refuse what exists and is no folder; a missing one may be created later, and a closed one opened."""
    with suppress(PermissionError):
        _require(is_right=Path(value).is_dir() or not Path(value).exists())


def _check_language(value: str) -> None:
    _require(is_right=value.lower().replace("-", "_").partition("_")[0].partition(".")[0] in LANGUAGE_STARTS)


def _check_addresses(value: str) -> None:
    for address in value.split():
        ip_network(address, strict=False)


def _check_scheduler(value: str) -> None:
    """Refuse an address that is not encrypted: whoever can send work to a scheduler runs code on its workers."""
    parts = urlsplit(value)
    _require(is_right=parts.scheme == "tls" and bool(parts.hostname) and parts.port is not None)


def _check_file(value: str) -> None:
    """Refuse what is no file; a closed one may be opened later."""
    with suppress(PermissionError):
        _require(is_right=Path(value).is_file())


def _integer_check(maximum: int) -> Check:
    def check(value: str) -> None:
        _require(is_right=value.isascii() and value.isdecimal() and int(value) <= maximum)

    return check


def _check_role_prefix(value: str) -> None:
    _require(is_right=len(value.encode()) <= MAX_ROLE_PREFIX_BYTES)


SECRETS = ("APP_PASSWORD", "AUTH_PASSWORD", "JOBS_PASSWORD", "COOKIE_SECRET", "PEPPER")
VARIABLES: Mapping[str, Variable] = {
    PREFIX + variable.name: variable
    for variable in (
        Variable("HOME", FOLDER, _check_folder),
        Variable("SECRETS", FOLDER, _check_folder),
        Variable("LANGUAGE", N_("zh_CN or en"), _check_language),
        Variable("TIMEZONE", N_("a time zone such as Asia/Shanghai"), ZoneInfo),
        Variable("TODAY", N_("a date such as 2026-12-01"), date.fromisoformat),
        Variable("DATABASE_ROLES", N_("a name of at most 56 bytes"), _check_role_prefix),
        Variable("PORT", PORT, _integer_check(65535)),
        Variable("ALLOWED_HOSTS"),
        Variable(
            "BEHIND_PROXY", N_("addresses or networks such as 10.1.2.0/24, with blanks between them"), _check_addresses
        ),
        Variable("LAN_HOST"),
        Variable("LAN_PORT", PORT, _integer_check(65535)),
        Variable("TRUST_PORT", PORT, _integer_check(65535)),
        Variable("CERTIFICATE"),
        Variable("CERTIFICATE_KEY"),
        Variable("BACKUP_FOLDER", FOLDER, _check_folder),
        Variable("BACKUP_HOUR", N_("a whole number from 0 to 23"), _integer_check(23)),
        Variable("DASK_SCHEDULER", N_("an address such as tls://10.1.2.3:8786"), _check_scheduler),
        *(Variable(f"DASK_{name}", FILE, _check_file) for name in ("CA", "CERTIFICATE", "KEY")),
        *(Variable(name) for name in SECRETS),
        Variable("TIANDITU_KEY"),
        *(Variable(f"{name}_FILE") for name in (*SECRETS, "KEYS", "TIANDITU_KEY")),
    )
}
"""All environment variables of gridmap by their names."""


def read_variable(name: str) -> str | None:
    """Return the value of a variable without blanks around it; None if it is not set or empty: the default holds then.

    Examples
    --------
    >>> read_variable("GRIDMAP_CERTIFICATE_KEY") is None
    True
    """
    return os.environ.get(name, "").strip() or None


def check_variables() -> None:
    """Check the values of all variables that are set.

    Raises
    ------
    InvalidInput
        With a fault for each wrong one.
    """
    values = ((variable, read_variable(name)) for name, variable in VARIABLES.items())
    faults = [fault for variable, value in values if value and (fault := variable.find_fault(value))]
    if faults:
        raise InvalidInput(faults)


def unknown_variables(names: Iterable[str]) -> list[InputFault]:
    """Return a warning for each name that begins as those of gridmap and is none of them.

    Examples
    --------
    >>> [warning] = unknown_variables(["PATH", "GRIDMAP_PORT", "GRIDMAP_TIMEZON"])
    >>> warning.file, str(warning.advice)
    ('GRIDMAP_TIMEZON', 'did you mean GRIDMAP_TIMEZONE?')
    """
    unknown = sorted(name for name in names if name.startswith(PREFIX) and name not in VARIABLES)
    return [InputFault(Message(UNKNOWN_VARIABLE), file=name, advice=_similar_name(name)) for name in unknown]


def _similar_name(name: str) -> Message | None:
    similar = get_close_matches(name, VARIABLES, n=1, cutoff=0.85)
    return Message(SIMILAR_NAME, {"name": similar[0]}) if similar else None
