"""Corpus of small files of public shapes, made by code, each with its right values."""
