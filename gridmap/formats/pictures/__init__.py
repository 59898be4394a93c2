"""Pictures that planners trace on: read by a process with limits, and written anew."""
