"""One-time codes of an app, computed from a secret and the time, and recovery codes.

References
----------
RFC 6238 (2011): TOTP, time-based one-time password algorithm; section 5.2 recommends to accept one time step of
difference and every code only once.
RFC 4226 (2005): HOTP, with SHA-1 and six digits, which every app computes.
"""

import hashlib
import re
import secrets
import time
import unicodedata
from collections.abc import Sequence

import pyotp
import segno
from pyotp.exceptions import OTPVerificationError

DRIFT_STEPS = 1
"""Steps by which the clock of a phone may differ, to either side."""
RECOVERY_CODES = 10
RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Characters that are not confused with one another on paper."""
RECOVERY_GROUPS, GROUP_LENGTH = 4, 6
"""Four groups of six characters have 118 bits; from 112 on, a fast hash without salt is enough (ASVS 5.0, 6.5.2)."""
APP_CODE = re.compile(r"[0-9]{6}")


def make_secret() -> str:
    """Return a new random secret of 160 bits, in base32 as apps take it."""
    return pyotp.random_base32()


def setup_uri(secret: str, account_name: str, issuer: str) -> str:
    """Return the address that an app reads from a QR code.

    >>> setup_uri("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "li.na", "gridmap")
    'otpauth://totp/gridmap:li.na?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=gridmap'
    """
    return pyotp.TOTP(secret).provisioning_uri(name=account_name, issuer_name=issuer)


def draw_qr_code(text: str) -> str:
    """Return a text as a QR code: a data URI of an SVG image, black on white, which every camera reads."""
    uri: str = segno.make(text, error="m", micro=False).svg_data_uri(border=4, dark="#000", light="#fff", scale=4)
    return uri


def normalise_code(code: str) -> str:
    """Return a typed code without spaces, hyphens, capitals and full-width characters.

    >>> normalise_code(" １２３ 456"), normalise_code("ABCDE-fghjk-23456")
    ('123456', 'abcdefghjk23456')
    """
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code)).lower()


def is_app_code(code: str) -> bool:
    """Return whether a normalised code is one of an app, not a recovery code."""
    return APP_CODE.fullmatch(code) is not None


def find_step(secret: str, code: str, now_s: float | None = None) -> int | None:
    """Return the time step that a code belongs to, the current one or a neighbouring one; None for a wrong code.

    Parameters
    ----------
    secret : str
        In base32.
    code : str
        Six digits.
    now_s : float, optional
        Seconds since 1970; the present time by default.
    """
    now_s = time.time() if now_s is None else now_s
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=now_s, valid_window=DRIFT_STEPS)
    except OTPVerificationError:
        return None


def make_recovery_codes() -> list[str]:
    """Return new random recovery codes, in groups that are easy to copy from paper."""
    return ["-".join(_random_group() for _ in range(RECOVERY_GROUPS)) for _ in range(RECOVERY_CODES)]


def hash_recovery_code(account_id: int, code: str) -> bytes:
    """Return the hash of a normalised recovery code of an account."""
    return hashlib.sha256(f"{account_id} {code}".encode()).digest()


def hash_recovery_codes(account_id: int, codes: Sequence[str]) -> list[bytes]:
    """Return the hashes of recovery codes as they are shown."""
    return [hash_recovery_code(account_id, normalise_code(code)) for code in codes]


def _random_group() -> str:
    return "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(GROUP_LENGTH))
