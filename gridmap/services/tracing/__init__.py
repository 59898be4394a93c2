"""The first day of a planner: an empty subdistrict, pictures, a traced draft, a list, and the land made of them."""
