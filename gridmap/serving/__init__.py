"""Running the service: one supervisor that keeps PostGIS, web processes and, on a LAN, Caddy alive."""
