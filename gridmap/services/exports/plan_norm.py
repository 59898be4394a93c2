"""Norm 户数标准 of a plan in its file: written as JSON, and entered again where the database has none."""

import json
from datetime import date

from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER, Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.plans.norm import Norm, PersonRange
from gridmap.core.vocabulary import HouseholdKind
from gridmap.services.grids import norms
from gridmap.services.norms.changes import NormChange, change_norm
from gridmap.store.day_bounds import get_today
from gridmap.store.queries import territory
from gridmap.store.queries.plans.norms import NormPlace

UNREADABLE = N_("the norm in the file cannot be read")


def describe_norm(session: Session, caller: Caller, place: NormPlace) -> str | None:
    """Return the norm that holds in a community today as JSON; None where nobody entered one."""
    row = norms.load_norm(session, caller, place, get_today(session)).row
    if row is None:
        return None
    norm = row.norm
    return json.dumps(
        {
            "minimum": norm.minimum,
            "maximum": norm.maximum,
            "target": norm.target,
            "household_kind": norm.household_kind.value,
            "persons": list(norm.persons) if norm.persons else None,
            "max_radius_m": norm.max_radius_m,
            "source": row.source,
            "source_date": row.source_date.isoformat(),
            "first": row.first.isoformat(),
        },
        ensure_ascii=False,
    )


def parse_norm(text: str) -> NormChange:
    """Return the norm that `describe_norm` wrote.

    Raises
    ------
    InvalidInput
        If the text is something else.

    Examples
    --------
    >>> text = '{"minimum": 200, "maximum": 320, "target": 250, "household_kind": "resident", "persons": [600, 900],'
    >>> change = parse_norm(text + '"source": "5号", "source_date": "2026-01-05", "first": "2026-03-01"}')
    >>> change.norm.persons, change.first
    (PersonRange(minimum=600, maximum=900), datetime.date(2026, 3, 1))
    """
    try:
        values = json.loads(text)
        persons = PersonRange(*map(int, values["persons"])) if values["persons"] else None
        minimum, maximum, target = (int(values[name]) for name in ("minimum", "maximum", "target"))
        kind, radius_m = HouseholdKind(values["household_kind"]), int(values.get("max_radius_m", 0))
        norm = Norm(minimum, maximum, target, kind, persons, radius_m)
        source_date, first = (date.fromisoformat(values[name]) for name in ("source_date", "first"))
        return NormChange(norm, str(values["source"]), source_date, first)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput([InputFault(Message(UNREADABLE), value=text[:80])]) from error


def enter_norm(session: Session, subdistrict_code: str, community_code: str, change: NormChange) -> bool:
    """Enter the norm of a file for its community, unless a norm is entered there or for its subdistrict already.

    Returns
    -------
    bool
        False where the norm of the database holds.
    """
    subdistrict = territory.find_subdistrict_by_code(session, OWNER, subdistrict_code)
    if subdistrict is None:
        return False
    communities = territory.list_communities(session, OWNER, subdistrict.id)
    community_id = next(each.id for each in communities if each.code == community_code)
    place = NormPlace(subdistrict.id, community_id)
    if norms.load_norm(session, OWNER, place, get_today(session)).row is not None:
        return False
    change_norm(session, OWNER, place, change)
    return True
