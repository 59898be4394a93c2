"""Work of a subdistrict under kills: partitions, approvals, land built anew, sheets, each by its account."""

import csv
import threading
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.errors import InvalidInput, NotFound, NotPossible
from gridmap.formats.sheets.kinds import SHEET_KINDS
from gridmap.services.imports.sheets.run import ImportRequest, apply_import, prepare_import
from gridmap.services.land.rebuild_job import LandRebuild, submit_land_rebuild
from gridmap.services.plans import adoption, revisions
from gridmap.services.plans.adoption import AdoptionRequest
from gridmap.services.plans.partition import PartitionRequest, submit_partition
from gridmap.services.plans.partitions.partition_all import PartitionAllRequest, submit_partition_of_all
from gridmap.store.access.callers import load_caller
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.land.lands import find_newest_land
from gridmap.store.session import Database

ROWS_OF_SHEET = 40
INTERVAL_S = 0.5
BUSY = text(
    "SELECT community_id FROM job WHERE kind = :kind AND state IN ('queued', 'running') AND account_id IS NOT NULL"
)
COMMUNITIES = text("SELECT id, subdistrict_id FROM community ORDER BY id")
LATEST = text("SELECT max(id) FROM revision WHERE community_id = :community_id")
BUILDING = text(
    "SELECT s.code, coalesce(e.name, '') AS estate, coalesce(b.name, b.code) AS building FROM building b"
    " JOIN subdistrict s ON s.id = b.subdistrict_id LEFT JOIN estate e ON e.id = b.estate_id"
    " WHERE b.valid @> today() AND b.name IS NOT NULL AND e.id IS NOT NULL ORDER BY b.id LIMIT 1"
)
OPEN_SESSION = text(
    "INSERT INTO web_session (token_hash, account_id, expires_at) SELECT token_fingerprint(:token), id,"
    " now() + interval '23 hours' FROM account WHERE name = :name"
)
SAME_PRIORITY = text("UPDATE job SET priority = 0 WHERE kind = 'partition_all'")
"""Else it would wait for all other jobs of its account, which never end here."""
NEXT_DAY = text("UPDATE installation SET rehearsal_date = today() + 1")


@dataclass(frozen=True)
class Adopted:
    """An approval that was acknowledged."""

    revision_id: int
    effective_date: date


@dataclass
class Acknowledged:
    """All that the database has acknowledged: keys of jobs, approvals, and numbers of sheets."""

    job_ids: set[int] = field(default_factory=set)
    adoptions: set[Adopted] = field(default_factory=set)
    sheets: set[int] = field(default_factory=set)


@dataclass
class Work(ABC):
    """Work of one kind, done again and again in a thread of its own.

    Parameters
    ----------
    database : Database
        Of the owner, who acts for accounts by their tokens.
    acknowledged : Acknowledged
    """

    database: Database
    acknowledged: Acknowledged
    number: int = 0
    refusals: Counter[str] = field(default_factory=Counter)

    def run(self, stop: threading.Event) -> None:
        """Work until stopped; what the database refuses or loses is tried again under another number."""
        while not stop.wait(INTERVAL_S):
            self.number += 1
            try:
                self.do_next()
            except (NotPossible, NotFound, InvalidInput) as refusal:
                self.refusals[str(refusal)[:80]] += 1
            except SQLAlchemyError:
                self.refusals["the database was away"] += 1

    @abstractmethod
    def do_next(self) -> None:
        """Do the next piece of work."""

    def idle_communities(self, kind: str) -> list[tuple[int, int]]:
        """Return key and subdistrict of the communities for which no job of a kind waits or runs."""
        with self.database.transaction() as session:
            busy = set(session.scalars(BUSY, {"kind": kind}))
            return [(row.id, row.subdistrict_id) for row in session.execute(COMMUNITIES) if row.id not in busy]


class Partitions(Work):
    """One partition after the other in every community."""

    def do_next(self) -> None:
        """Ask for the partition of communities that have none to come."""
        for community_id, _ in self.idle_communities("partition"):
            self.number += 1
            with self.database.transaction(token_of("planner")) as session:
                latest = session.scalar(LATEST, {"community_id": community_id})
                request = PartitionRequest(community_id, 300, 500, self.number, latest, f"partition {self.number}")
                job_id = submit_partition(session, load_caller(session), request)
            self.acknowledged.job_ids.add(job_id)


class PartitionsOfAll(Work):
    """Partitions of all communities as one job, on processes of Dask."""

    def do_next(self) -> None:
        """Ask for the next one, when the one before has ended."""
        places = self.idle_communities("partition_all")
        with self.database.transaction() as session:
            if session.scalars(BUSY, {"kind": "partition_all"}).all():
                return
        with self.database.transaction(token_of("planner")) as session:
            request = PartitionAllRequest(places[0][1], 300, 500, self.number, f"all {self.number}")
            job_id = submit_partition_of_all(session, load_caller(session), request)
        self.acknowledged.job_ids.add(job_id)
        with self.database.transaction() as session:
            session.execute(SAME_PRIORITY)


class LandRebuilds(Work):
    """Land built anew, a day after the other: the rehearsal of the service goes on to the next day each time."""

    def do_next(self) -> None:
        """Let a day pass and ask for new land of the next community, when none is being built."""
        places = self.idle_communities("rebuild_land")
        with self.database.transaction() as session:
            if session.scalars(BUSY, {"kind": "rebuild_land"}).all():
                return
            session.execute(NEXT_DAY)
        with self.database.transaction(token_of("planner")) as session:
            rebuild = LandRebuild(places[self.number % len(places)][0], f"land {self.number}", preview=False)
            job_id = submit_land_rebuild(session, load_caller(session), rebuild)
        self.acknowledged.job_ids.add(job_id)


class Adoptions(Work):
    """Approvals of the newest revisions for the next day, by the leader."""

    def do_next(self) -> None:
        """Approve the newest revision of the next community, if it lies on the newest land."""
        places = self.idle_communities("none")
        community_id = places[self.number % len(places)][0]
        with self.database.transaction(token_of("leader")) as session:
            caller = load_caller(session)
            newest = revisions.list_community_revisions(session, caller, community_id)[0]
            land = find_newest_land(session, caller, community_id)
            if newest.status != "draft" or land is None or newest.row.land_id != land.id:
                return
            effective_date = get_today(session) + timedelta(days=1)
            request = AdoptionRequest(effective_date, note=f"adoption {self.number}")
            adoption.approve(session, caller, newest, request)
        self.acknowledged.adoptions.add(Adopted(newest.id, effective_date))


@dataclass
class Sheets(Work):
    """Sheets of shops, each in one transaction."""

    folder: Path = field(default_factory=Path)

    def do_next(self) -> None:
        """Import the next sheet; all of its shops bear its number."""
        with self.database.transaction() as session:
            place = session.execute(BUILDING).one()
            self._import(session, str(place.code), str(place.estate), str(place.building))
        self.acknowledged.sheets.add(self.number)

    def _import(self, session: Session, code: str, estate: str, building: str) -> None:
        path = self.folder / f"sheet-{self.number}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["商户名称", "小区", "楼号"])
            writer.writerows([f"sheet {self.number} shop {shop}", estate, building] for shop in range(ROWS_OF_SHEET))
        request = ImportRequest(path, SHEET_KINDS["shops"], code, f"register {self.number}")
        apply_import(prepare_import(session, OWNER, request))


def token_of(name: str) -> str:
    """Return the token of an account's session."""
    return f"session of {name} under kills"


def open_sessions(database: Database) -> None:
    """Open the sessions of the accounts that ask for work."""
    with database.transaction() as session:
        for name in ("planner", "leader"):
            session.execute(OPEN_SESSION, {"token": token_of(name), "name": name})


def make_works(database: Database, folder: Path) -> tuple[Acknowledged, list[Work]]:
    """Return all kinds of work, with what they acknowledge."""
    acknowledged = Acknowledged()
    kinds = (Partitions, PartitionsOfAll, LandRebuilds, Adoptions)
    return acknowledged, [
        *(kind(database, acknowledged) for kind in kinds),
        Sheets(database, acknowledged, folder=folder),
    ]
