"""Search of names by letters and by the initials of their pinyin."""
