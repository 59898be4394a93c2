"""Distances within which an incident belongs to land or to a street."""

BORDER_ZONE_M = 5.0
"""Metres from another grid within which an incident is on the border.

Borders run along the middle of streets, and a street of two lanes is 10 m wide from kerb to kerb; the position of a
phone or an address is hardly better.
"""
STREET_ZONE_M = 15.0
"""Metres from the centre line of a street up to which an incident belongs to it.

An arterial street of six lanes with its pavements is about 30 m wide.
"""
SAME_DISTANCE_M = 0.001
"""Metres by which distances to the segments of a street may differ where they meet; of such the first is taken."""
MAX_OUTSIDE_M = 8.0
"""Metres outside every cell up to which an incident is linked to the nearest one.

The boundary of a subdistrict runs along the middle or one side of a street, and the other pavement of a street of two
lanes is 7 to 8 m away. Beyond it are the houses of the neighbours.
"""
