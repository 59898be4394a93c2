"""Copies of rows of several tables, and their insertion into another database."""
