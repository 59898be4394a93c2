"""Cases of incidents, with their steps, photos and notices."""
