"""Privacy: disclosure control of counts, and masking of names and numbers."""
