"""Names of grids in sentences: with the community wherever a grid of another one could have the same name."""

from types import SimpleNamespace

import pytest

from gridmap.services.incidents.findings import name_grid
from gridmap.texts import translate

TWO = {1: "东湖社区", 2: "西湖社区"}


@pytest.mark.parametrize(
    ("name", "communities", "zh", "en"),
    [
        ("第7网格", TWO, "东湖社区第7网格", "第7网格 of 东湖社区"),
        ("东湖社区第7网格", TWO, "东湖社区第7网格", "东湖社区第7网格"),
        ("第7网格", {1: "东湖社区"}, "第7网格", "第7网格"),
        (None, TWO, "东湖社区 007 网格", "东湖社区 grid 007"),
    ],
)
def test_a_grid_is_named_so_that_it_is_found(name: str | None, communities: dict[int, str], zh: str, en: str) -> None:
    grid = SimpleNamespace(name=name, code="420106001001007", community_id=1)
    named = name_grid(grid, communities)  # type: ignore[arg-type]  # the three fields that are read
    assert (translate(named, "zh_CN"), translate(named, "en")) == (zh, en)
