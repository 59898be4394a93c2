"""Places by hand: facilities, organisations and shops, found by a touch on the map or by their address."""
