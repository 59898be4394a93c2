"""Pages of workers, for their phones: own grids and incident reports."""

from gridmap.web.worker import offline, reports
from gridmap.web.worker.my_grid import worker

__all__ = ["offline", "reports", "worker"]
