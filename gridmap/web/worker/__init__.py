"""The worker's phone: the own grids, and reporting what happens there."""

from gridmap.web.worker.my_grid import worker

__all__ = ["worker"]
