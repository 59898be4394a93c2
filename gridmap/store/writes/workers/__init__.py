"""Changes of the roster, of leave, and of office phones."""
