"""Database of a further web host: it is checked, and never started, upgraded or given new passwords."""

import logging
import time

from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.postgres import urls
from gridmap.secret_files import Secret, secret_place
from gridmap.serving.application import login_urls
from gridmap.store import installation_secrets
from gridmap.store.access.login_passwords import LOGIN_REFUSED_SIGN
from gridmap.store.migrations import fingerprint

CHECK_INTERVAL_S = 5.0
NO_ADDRESS = N_(
    "gridmap web needs the address of the database in DATABASE_URL, for example postgresql://host:5432/database; a user"
    " and a password are not needed."
)
OTHER_VERSION = N_(
    "The database is not of this version of gridmap. Where the owner's login is kept, run: gridmap db upgrade"
)
log = logging.getLogger(__name__)


def database_address() -> str:
    """Return the address of the database without a login.

    Raises
    ------
    NotPossible
        If ``DATABASE_URL`` is not set.
    """
    url = urls.from_environment()
    if url is None:
        raise NotPossible(Message(NO_ADDRESS))
    return urls.without_login(url)


def check_database(address: str) -> None:
    """Check that this host's secrets are those of the database, and that the schema is of this version.

    Raises
    ------
    NotPossible
        If they are not; the message says what to do.
    sqlalchemy.exc.SQLAlchemyError
        If the database cannot be reached.
    """
    engine = create_engine(login_urls(address)[0], connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            if not fingerprint.is_current(connection):
                raise NotPossible(Message(OTHER_VERSION))
            installation_secrets.refuse_other_secrets(connection, is_owner=False)
    except OperationalError as error:
        if LOGIN_REFUSED_SIGN not in str(error):
            raise
        places = {"names": secret_place(Secret.APP_PASSWORD)}
        raise NotPossible(Message(installation_secrets.OTHER_SECRETS, places)) from error
    finally:
        engine.dispose()


class RemoteDatabase:
    """Component that checks the database before the web processes begin, or as soon as it can be reached.

    After a power cut the hosts start in any order: while the database cannot be reached, pages say so.

    Parameters
    ----------
    address : str
        Address of the database without a login.
    """

    ready = True

    def __init__(self, address: str) -> None:
        self.address = address
        self.checked, self.next_check_at = False, 0.0

    def start(self) -> None:
        """Refuse to start with other secrets or on another version."""
        try:
            check_database(self.address)
        except SQLAlchemyError:
            log.warning("the database cannot be reached yet; it is checked as soon as it can")
        else:
            self.checked = True

    def poll(self) -> None:
        """Check a database that could not be reached at the start."""
        now = time.monotonic()
        if self.checked or now < self.next_check_at:
            return
        self.next_check_at = now + CHECK_INTERVAL_S
        try:
            check_database(self.address)
            self.checked = True
        except NotPossible as error:
            log.error("%s", error)
        except SQLAlchemyError:
            return

    def stop(self) -> None:
        """Leave the database alone."""
