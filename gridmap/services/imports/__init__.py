"""Imports: a town package or an invented subdistrict into the database."""
