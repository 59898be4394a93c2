"""A small town package in a database, for tests that look at what is stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import geopandas as gpd
import shapely
from sqlalchemy.orm import Session

from gridmap.core.partition.divide import Settings
from gridmap.core.partition.profile import Profile
from gridmap.core.progress import silent
from gridmap.services.loading import LoadReport, Wish, load_file
from gridmap.store.session import Database, act_for
from gridmap.store.towns import Identity
from tests.formats.packages import CRS, Layers, at, geopackage, good_town

DAY = date(2026, 3, 1)
CODE = "420106001"
SETTINGS = Settings(Profile(60, 130))


def points(*places: tuple[float, float], **columns: list[object]) -> gpd.GeoDataFrame:
    """A layer of points of the town."""
    shapes = [at(shapely.Point(place)) for place in places]
    return gpd.GeoDataFrame({name: list(values) for name, values in columns.items()}, geometry=shapes, crs=CRS)


def whole_town() -> Layers:
    """The good town with incidents (in b1, beside it, in no community), a resident group and a shop in b3."""
    told: dict[str, list[object]] = {
        "category": ["order", "order", "care"],
        "occurred_at": ["2026-03-01 08:00", "2026-03-02 09:30", "2026-03-03 23:59"],
    }
    besides = {
        "incidents": points((30, 25), (15, 25), (900, 25), **told),
        "shops": points((25, 155), name=["便利店"]),
        "resident_groups": good_town()["communities"].iloc[:1].assign(name="第一居民小组"),
    }
    return {**good_town(), **besides}


def load(url: str, folder: Path, layers: Layers | None = None, settings: Settings | None = SETTINGS) -> LoadReport:
    """Load the town, or another, as the subdistrict `CODE` on `DAY`."""
    source = geopackage(layers or whole_town(), folder / "town.gpkg")
    database = Database(url, trusted=True)
    try:
        identity = Identity(CODE, "水果湖街道", "town.gpkg", DAY)
        return load_file(database, source, identity, Wish(settings, DAY), silent)
    finally:
        database.close()


@contextmanager
def undone(url: str, account: int | None = None) -> Iterator[Session]:
    """A session of the owner, or by the application's address for an account, that leaves nothing behind."""
    database = Database(url, trusted=account is None)
    with Session(database.engine, expire_on_commit=False) as session:
        act_for(session, account, trusted=database.trusted)
        yield session
        session.rollback()
    database.close()
