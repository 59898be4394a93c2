"""Values of columns as offices write them: numbers, times, and texts."""
