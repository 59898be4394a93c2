"""A subdistrict that begins with nothing but names: made by the owner, filled by its planner."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.codes import EXPECTED_CODE, normalise_code
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotPossible
from gridmap.core.field_lengths import MAX_CODE_LETTERS, MAX_NAME_LETTERS
from gridmap.core.text_comparison import clean_text
from gridmap.store.catalogue_rows import add_missing_groups
from gridmap.store.queries.territory import has_subdistrict
from gridmap.store.writes.tracing.drafts import insert_empty_subdistrict

ALREADY_LOADED = N_("The subdistrict {code} is already in the database. Use another code, with --code.")
NOT_A_COMMUNITY = N_("this is no community: write its code and its name with = between them")
EXAMPLE_COMMUNITY = N_("for example {example}")
REPEATED_CODE = N_("this code is given twice")
NO_COMMUNITIES = N_("a subdistrict has at least one community: name them with --community")
NOT_A_CODE, NOT_A_NAME = N_("this cannot be a code"), N_("this cannot be a name")
EXAMPLE = "420106001001=水果湖社区"


@dataclass(frozen=True)
class CodedPlace:
    """Code and name of a subdistrict or community."""

    code: str
    name: str


def parse_communities(texts: Sequence[str]) -> list[CodedPlace]:
    """Return communities that are written as ``code=name``.

    Raises
    ------
    InvalidInput
        With a fault for each text that is no community.

    Examples
    --------
    >>> parse_communities(["420106001001=水果湖社区"])
    [CodedPlace(code='420106001001', name='水果湖社区')]
    """
    expected = Message(EXAMPLE_COMMUNITY, {"example": EXAMPLE})
    faults = [
        InputFault(Message(NOT_A_COMMUNITY), column="--community", value=text, expected=expected)
        for text in texts
        if "=" not in text
    ]
    if faults:
        raise InvalidInput(faults)
    pairs = (text.partition("=") for text in texts)
    return [parse_place(code, name, "--community") for code, _, name in pairs]


def parse_place(code: str, name: str, option: str) -> CodedPlace:
    """Return a code and a name that can be stored.

    Parameters
    ----------
    code, name : str
    option : str
        Option or field that they come from.

    Raises
    ------
    InvalidInput
        If they cannot.
    """
    known, cleaned = normalise_code(code), clean_text(name)
    if known is None or len(known) > MAX_CODE_LETTERS:
        expected = Message(EXPECTED_CODE)
        raise InvalidInput([InputFault(Message(NOT_A_CODE), column=option, value=code, expected=expected)])
    if not cleaned or len(cleaned) > MAX_NAME_LETTERS:
        raise InvalidInput([InputFault(Message(NOT_A_NAME), column=option, value=name)])
    return CodedPlace(known, cleaned)


def create_subdistrict(session: Session, subdistrict: CodedPlace, communities: Sequence[CodedPlace]) -> int:
    """Create a subdistrict with its communities by code and name; a planner draws the rest.

    Parameters
    ----------
    session : Session
        Of the owner.
    subdistrict : CodedPlace
    communities : sequence of CodedPlace

    Returns
    -------
    int
        Key of the subdistrict.

    Raises
    ------
    InvalidInput
        If there are no communities, or if a code is given twice.
    NotPossible
        If the subdistrict exists.
    """
    if not communities:
        raise InvalidInput([InputFault(Message(NO_COMMUNITIES))])
    names: dict[str, str] = {}
    for community in communities:
        if community.code in names:
            raise InvalidInput([InputFault(Message(REPEATED_CODE), column="--community", value=community.code)])
        names[community.code] = community.name
    if has_subdistrict(session, OWNER, subdistrict.code):
        raise NotPossible(Message(ALREADY_LOADED, {"code": subdistrict.code}))
    subdistrict_id = insert_empty_subdistrict(session, subdistrict.code, subdistrict.name, names)
    add_missing_groups(session.connection())
    return subdistrict_id
