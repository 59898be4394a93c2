"""Content of the error log."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gridmap import config
from gridmap.services.operations.error_log import log_unexpected
from gridmap.store.session import Database

ID_NUMBER = "44019919900101001X"


def test_the_log_has_the_id_and_the_stack_trace_but_no_values_of_rows(database_url: str) -> None:
    database = Database(database_url, trusted=True)
    duplicate_insert = text(
        "INSERT INTO account (name, display_name, role) VALUES (:name, 'x', 'admin'), (:name, 'x', 'admin')"
    )
    with pytest.raises(IntegrityError) as failed, database.transaction() as session:
        session.execute(duplicate_insert, {"name": ID_NUMBER.lower()})
    error_id = log_unexpected(failed.value)
    log_text = config.log_file().read_text("utf-8")
    assert error_id in log_text
    assert "Traceback" in log_text
    assert ID_NUMBER.lower() not in log_text.lower()
    database.close()
