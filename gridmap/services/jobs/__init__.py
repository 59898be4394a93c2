"""Jobs that run in the background: their kinds, their life, and the files that they read and write."""
