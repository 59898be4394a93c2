"""A phone with a bad network: its browser, and the network between it and the service."""
