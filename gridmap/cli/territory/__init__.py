"""Commands about the territory: its norms."""
