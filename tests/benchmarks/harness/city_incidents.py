"""A million incidents and 157,000 residents in one subdistrict of 100 grids of the city."""

from dataclasses import asdict
from pathlib import Path

from sqlalchemy import create_engine, text

from gridmap.store import incident_months, statistical_areas
from tests.benchmarks.harness.city_town import BUILDINGS_PER_COMMUNITY_SIDE, CityTown

CATEGORIES = 24
DAYS = 7 * 365 + 2
SQL_FILE = Path(__file__).with_suffix(".sql")


def add_incidents(owner_url: str, city: CityTown, communities_per_side: int, incidents: int) -> None:
    """Add people and ordinary incidents of seven years to the first subdistrict of the city.

    Incidents are spread over all cells, with weights that differ by a factor of ten and more (log-normal), and closed
    after four days in the mean; one in twenty stays open. There are as many places, cells with near cells, as can be.
    """
    values = {
        **asdict(city),
        "subdistrict_id": city.first_id,
        "incidents": incidents,
        "categories": CATEGORIES,
        "days": DAYS,
        "inner_side": communities_per_side * BUILDINGS_PER_COMMUNITY_SIDE,
    }
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        connection.execute(text("SELECT setseed(0.5)"))
        for statement in SQL_FILE.read_text("utf-8").format(**values).strip(";\n").split(";\n"):
            connection.execute(text(statement.replace(":", r"\:")))
        statistical_areas.create_missing_areas(connection)
        incident_months.pack_changed(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
