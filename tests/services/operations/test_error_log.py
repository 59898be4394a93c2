"""What goes to the log, and what must not."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gridmap import config
from gridmap.services.operations.error_log import log_unexpected
from gridmap.store.session import Database

ID_NUMBER = "44019919900101001X"


def test_the_log_has_the_id_and_the_stack_but_no_values_of_rows(database_url: str) -> None:
    database = Database(database_url, trusted=True)
    twice = text("INSERT INTO account (name, display_name, role) VALUES (:name, 'x', 'admin'), (:name, 'x', 'admin')")
    with pytest.raises(IntegrityError) as failed, database.transaction() as session:
        session.execute(twice, {"name": ID_NUMBER.lower()})
    mark = log_unexpected(failed.value)
    written = config.log_file().read_text("utf-8")
    assert mark in written
    assert "Traceback" in written
    assert ID_NUMBER.lower() not in written.lower()
    database.close()
