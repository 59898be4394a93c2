"""Accounts: sign-in, passwords, scopes, audit and encryption keys."""
