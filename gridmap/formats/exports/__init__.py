"""Tables and layers that leave the service as files."""
