"""One search over places, doors and residents."""
