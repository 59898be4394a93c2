"""Module that the server of forks loads first: the server ends with the runner, also while it is stopped."""

from gridmap.jobs.process_limits import set_parent_death_signal

set_parent_death_signal()
