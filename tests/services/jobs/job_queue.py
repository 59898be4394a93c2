"""Tokens of jobs in tests."""

import hashlib

LEASE_S = 10


def job_token(number: int) -> str:
    """Return the token of a claim."""
    return f"job number {number}"


def hash_of(token: str) -> bytes:
    """Return the hash of a token that the database stores."""
    return hashlib.sha256(token.encode()).digest()
