"""Runner of jobs: it claims them, has a process do each, and watches it. The work itself is handed in."""
