"""Module that takes long to load, as those of geometry do on a busy machine."""

import time

time.sleep(60)
