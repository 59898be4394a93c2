"""Photos of incidents: cleaned before anything is stored, then added to a step or to the own report."""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.formats.pictures.photo import clean_photo
from gridmap.store.writes.cases import steps as step_writes

MAX_PHOTOS = 3
TOO_MANY = N_("{count} photos; at most {maximum} are kept")
CleanedPhoto = tuple[bytes, tuple[int, int]]
"""JPEG, and its width and height."""


def clean_photos(uploads: Iterable[bytes]) -> Sequence[CleanedPhoto]:
    """Return photos upright, small and without metadata.

    Raises
    ------
    InvalidInput
        If there are more than three, or one is no picture.

    Examples
    --------
    >>> clean_photos([])
    []
    """
    contents = list(uploads)
    if len(contents) > MAX_PHOTOS:
        message = Message(TOO_MANY, {"count": len(contents), "maximum": MAX_PHOTOS})
        raise InvalidInput([InputFault(message, column="photos")])
    return [clean_photo(content) for content in contents]


def add_photos(session: Session, incident_id: int, step_id: int | None, photos: Iterable[CleanedPhoto]) -> None:
    """Add photos to an own step, or to the own report; one that is there already is not added again."""
    for content, size in photos:
        step_writes.add_photo(session, incident_id, step_id, content, size)
