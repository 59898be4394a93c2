"""Periodic tasks of the installation. Their jobs act for no account and call the functions of their task only."""

from collections.abc import Mapping
from typing import Any

from gridmap.services.jobs.context import JobContext
from gridmap.store import statistical_areas
from gridmap.store.writes.cases import steps as case_writes
from gridmap.store.writes.jobs import jobs as job_writes


def clean_up(context: JobContext, _parameters: Mapping[str, Any]) -> Mapping[str, object]:
    """Delete files and jobs that have had their time."""
    return job_writes.clean_up(context.session)._asdict()


def hand_over_cases(context: JobContext, _parameters: Mapping[str, Any]) -> Mapping[str, object]:
    """Hand cases over where another worker is in charge now, and tell of those whose promised day has passed."""
    return case_writes.pass_on_cases(context.session)._asdict()


def publish_counts(context: JobContext, _parameters: Mapping[str, Any]) -> Mapping[str, object]:
    """Publish the closed months and quarters of all subdistricts; those that are published stay as they are."""
    job_writes.publish_closed_counts(context.session)
    return {}


def create_statistical_areas(context: JobContext, _parameters: Mapping[str, Any]) -> Mapping[str, object]:
    """Give every building without a statistical area one; areas that exist only grow."""
    statistical_areas.create_missing_areas(context.session.connection())
    return {}
