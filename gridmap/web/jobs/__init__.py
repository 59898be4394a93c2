"""Pages of jobs: those of the account with their progress, and for administrators those of their scopes."""

from gridmap.web.jobs import pages  # the views
from gridmap.web.jobs.blueprint import jobs

__all__ = ["jobs", "pages"]
