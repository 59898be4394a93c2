"""Tests of the TLS proxies: our own, and that of an office."""
