"""Facilities, organisations and shops, as stations change them by hand."""
