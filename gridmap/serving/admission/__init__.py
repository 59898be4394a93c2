"""Admission of requests: shares of accounts and addresses, refusals under overload."""
