"""Commands about the territory: its norms, buildings and land."""
