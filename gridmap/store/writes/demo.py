"""Changes that only a demo subdistrict needs; for the owner's commands only."""

from collections.abc import Mapping

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from gridmap.store.schema import Community, Credential, Worker


def set_station_phones(session: Session, phone_by_community: Mapping[int, str]) -> None:
    """Set the phone numbers of the grid workstations of communities."""
    for community_id, phone in phone_by_community.items():
        session.execute(update(Community).where(Community.id == community_id).values(station_phone=phone))


def skip_password_change(session: Session, account_id: int) -> None:
    """Let an account keep its first password: it is random, and the people of the demo are invented."""
    session.execute(update(Credential).where(Credential.account_id == account_id).values(must_change=False))


def link_first_worker(session: Session, community_id: int, account_id: int) -> None:
    """Let the first full-time worker of a community sign in with an account."""
    full_time = Worker.community_id == community_id, Worker.full_time
    worker_id = session.scalars(select(func.min(Worker.id)).where(*full_time)).one()
    session.execute(update(Worker).where(Worker.id == worker_id).values(account_id=account_id))
