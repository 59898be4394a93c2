"""Module that the server of forks loads first: the server ends with the runner, also while it is stopped.

It collects no garbage: modules leave none while they load, and looking for it takes a sixth of the time. Attempts do.
"""

import gc

from gridmap.jobs.process_limits import set_parent_death_signal

set_parent_death_signal()
gc.disable()
