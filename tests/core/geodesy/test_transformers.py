"""UTM zones are those that geopandas estimates."""

import geopandas as gpd
import pytest
import shapely

from gridmap.core.geodesy.transformers import find_utm_crs


@pytest.mark.parametrize("lat", [-79.9, -0.1, 0.1, 30.6, 60.5, 83.9])
@pytest.mark.parametrize("lon", [-179.9, -0.1, 0.1, 5.9, 8.0, 114.3, 179.9])
def test_the_zone_of_a_place_is_that_of_geopandas(lon: float, lat: float) -> None:
    place = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4326)
    assert find_utm_crs(lon, lat) == place.estimate_utm_crs()


@pytest.mark.parametrize("place", [(0, 84.1), (0, -80.1), (181, 0), (float("inf"), 0), (0, float("nan"))])
def test_where_there_is_no_zone_a_place_is_refused(place: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="no UTM zone"):
        find_utm_crs(*place)
