"""The worker's phone: the own grids, and reporting what happens there."""

from gridmap.web.worker.pages import worker

__all__ = ["worker"]
