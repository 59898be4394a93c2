"""`gridmap subdistrict create`: a subdistrict with nothing but names."""

import pytest

from gridmap.core.caller import OWNER
from gridmap.core.errors import InvalidInput, NotPossible
from gridmap.services.tracing.subdistricts import CodedPlace, create_subdistrict, parse_communities
from gridmap.store.queries import territory
from tests.fixtures.loaded_town import rolled_back_session

PLACE = CodedPlace("420106009", "新河街道")
COMMUNITIES = ["420106009001=新河社区", "420106009002=东河社区"]


def test_a_subdistrict_begins_with_the_names_of_its_communities(module_database_url: str) -> None:
    with rolled_back_session(module_database_url) as session:
        number = create_subdistrict(session, PLACE, parse_communities(COMMUNITIES))
        names = [each.name for each in territory.list_communities(session, OWNER, number)]
        assert names == ["新河社区", "东河社区"]
        with pytest.raises(NotPossible, match="already in the database"):
            create_subdistrict(session, PLACE, parse_communities(COMMUNITIES))


def test_a_code_that_is_given_twice_is_refused(module_database_url: str) -> None:
    with rolled_back_session(module_database_url) as session, pytest.raises(InvalidInput, match="given twice"):
        create_subdistrict(session, PLACE, parse_communities([COMMUNITIES[0], COMMUNITIES[0]]))


@pytest.mark.parametrize("text", ["新河社区", "=新河社区", "a/b=新河社区", "420106009001="])
def test_what_is_no_community_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_communities([text])
