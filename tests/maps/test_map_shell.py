"""Shell of the maps of the service."""

import pytest

from gridmap.maps.map_shell import build_map_shell


@pytest.mark.parametrize(("north", "flat"), [(30.01, True), (30.04, False)])
def test_a_long_narrow_place_has_a_flat_frame(north: float, flat: bool) -> None:
    assert build_map_shell((114.0, 30.0, 114.05, north), "/draw.js").flat is flat
