"""TLS proxies: our own Caddy with its certificate, and headers of proxies that are trusted."""
