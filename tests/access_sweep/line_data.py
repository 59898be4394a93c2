"""Service lines and leaves of the access sweep: grants of leaders, purposes of sessions, marks of incidents.

Also a picture and a draft of the first day, members of service groups, and shops.
"""

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import AccessClass
from gridmap.store import schema

CLASS_TAGS = {AccessClass.PERSONAL: "personalclassqx7", AccessClass.SENSITIVE: "sensitiveclassqx7"}
"""Part of the texts of incidents about persons, by class."""
OPEN_LINE_VIEWINGS = text(
    "INSERT INTO line_viewing (token_hash, purpose) SELECT w.token_hash, 'analysis' FROM web_session w"
    " WHERE w.account_id IN (SELECT s.account_id FROM account_scope s"
    " JOIN account_scope_line g ON g.account_scope_id = s.id) ON CONFLICT (token_hash) DO NOTHING"
)
"""Purpose of every session of an account with a service line, also with one that has ended."""
GIVE_LINE = text(
    "INSERT INTO account_scope_line (subdistrict_id, account_scope_id, service_line_id, valid, legal_basis)"
    " SELECT s.subdistrict_id, s.id, l.id, daterange(today() - 9, today() + CAST(:end_in_days AS integer)), 'basis'"
    " FROM account_scope s JOIN service_line l ON l.subdistrict_id = s.subdistrict_id AND l.key = :line"
    " WHERE s.account_id = :account_id"
)
"""Service line of all scopes of an account; with an end in 0 days it ended yesterday."""
LINE_LEADERS = (("line-leader", "order", 9), ("sensitive-line", "special", 9), ("ended-line", "special", 0))
"""Leaders of a whole subdistrict with a service line, and the days until its end."""
LINE_CLASSES = {"order": frozenset({AccessClass.PERSONAL}), "special": frozenset({AccessClass.SENSITIVE})}

OPEN_LEAVES = text(
    "INSERT INTO leave (subdistrict_id, worker_id, substitute_id, valid)"
    " SELECT w.subdistrict_id, min(w.id), max(w.id), daterange(today(), today() + 9)"
    " FROM worker w JOIN duty d ON d.worker_id = w.id AND d.in_charge WHERE w.subdistrict_id = :subdistrict_id"
    " GROUP BY w.subdistrict_id, w.community_id HAVING count(DISTINCT w.id) > 1"
)
"""A leave in each community with two people in charge of grids; both are public."""


def give_line(session: Session, account_id: int | None, line: str, end_in_days: int = 9) -> frozenset[AccessClass]:
    """Give an account a service line, and return the classes of incidents that it shows today."""
    session.execute(GIVE_LINE, {"account_id": account_id, "line": line, "end_in_days": end_in_days})
    return LINE_CLASSES[line] if end_in_days else frozenset()


def class_tag_statements(subdistrict_id: int) -> Iterator[str]:
    """Yield the statements that mark the texts of incidents about persons."""
    for access_class, tag in CLASS_TAGS.items():
        rows = f"subdistrict_id = {subdistrict_id} AND access_class = '{access_class}'"
        yield f"UPDATE incident SET title = left(coalesce(title, ''), 300) || '{tag}' WHERE {rows}"


def counts_of_communities(communities: str) -> Iterator[tuple[str, str, str]]:
    """Yield the tables of counts by building, with their text and the condition of some communities."""
    in_buildings = f"building_id IN (SELECT id FROM building WHERE community_id IN {communities})"
    yield from ((name, "source", in_buildings) for name in ("population_count", "service_group_count"))


USE_SENSITIVE_GROUPS = text(
    "UPDATE service_group SET legal_basis = '《残疾人保障法》', in_use = true"
    " WHERE subdistrict_id = :subdistrict_id AND access_class = 'sensitive'"
)
JOIN_GROUPS = text("""
    INSERT INTO service_group_member (subdistrict_id, resident_id, service_group_id, source, valid)
    SELECT r.subdistrict_id, r.id, g.id, 'visit', daterange('2020-01-01', NULL)
    FROM resident r JOIN service_group g USING (subdistrict_id)
    WHERE r.subdistrict_id = :subdistrict_id AND g.key IN ('volunteer', 'disability') AND r.id % 10 = 0
""")
"""A tenth of the residents are volunteers, and disabled."""
COUNT_PERSONS = text("""
    INSERT INTO population_count (subdistrict_id, building_id, kind, persons, source, as_of)
    SELECT subdistrict_id, id, 'residents', id % 97, '人口台账', DATE '2026-01-01' FROM building
    WHERE subdistrict_id = :subdistrict_id
""")
COUNT_GROUPS = text("""
    INSERT INTO service_group_count (subdistrict_id, building_id, service_group_id, persons, source, as_of)
    SELECT b.subdistrict_id, b.id, g.id, b.id % 7, '民政台账', DATE '2026-01-01'
    FROM building b JOIN service_group g USING (subdistrict_id)
    WHERE b.subdistrict_id = :subdistrict_id AND g.key IN ('volunteer', 'disability')
""")
OPEN_SHOPS = text("""
    INSERT INTO shop (subdistrict_id, name, address, building_id, cell_id, geometry, valid)
    SELECT b.subdistrict_id, 'shop', 'street', b.id, c.cell_id, ST_PointOnSurface(b.geometry),
        daterange('2020-01-01', NULL)
    FROM building b JOIN building_cell c ON c.building_id = b.id
    WHERE b.subdistrict_id = :subdistrict_id AND b.id % 10 = 0
""")
"""A shop in a tenth of the buildings."""


def create_leaves_and_first_day(session: Session, subdistrict_id: int, tag: str) -> None:
    """Store leaves, members of groups, and counts of persons; and a picture and a draft of a first day."""
    keys = {"subdistrict_id": subdistrict_id}
    session.execute(USE_SENSITIVE_GROUPS, keys)
    session.execute(JOIN_GROUPS, keys)
    session.execute(OPEN_SHOPS, keys)
    session.execute(OPEN_LEAVES, keys)
    session.execute(COUNT_PERSONS, keys)
    session.execute(COUNT_GROUPS, keys)
    session.add(schema.Picture(name="slide", width=4, height=3, content=f"picture {tag}".encode(), points=[], **keys))
    vertices = [[114.0, 30.0], [114.1, 30.0], [114.0, 30.1]]
    outline = {"id": "a", "kind": "outline", "form": "Polygon", "vertices": vertices, "name": f"o{tag}outline"}
    session.add(schema.Tracing(version=1, content={"shapes": [outline]}, **keys))
    session.flush()
