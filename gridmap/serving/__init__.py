"""Processes of the service: one supervisor that keeps PostGIS, the web processes and, on a LAN, Caddy running."""
