"""Places that stations keep by hand: facilities, organisations and shops."""
