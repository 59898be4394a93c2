"""Encodings of texts: their names, their detection, and the decoding of values with bad bytes."""
