"""Pictures that planners trace on, and photos of incidents: read by a process with limits, and written anew."""
