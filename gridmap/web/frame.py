"""What the frame of every page shows: who is signed in, and where this person may go."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, request, url_for

from gridmap.core.names import Role
from gridmap.web import current
from gridmap.web.access import open_to


@dataclass(frozen=True)
class Place:
    """An entry of the navigation; shown to whom its view is open."""

    endpoint: str
    title: str


PLACES: tuple[Place, ...] = ()
"""In the order in which they are shown; each names its view by endpoint and its title by ``N_``."""


def install(app: Flask) -> None:
    """Give templates ``account`` and ``places``."""
    app.context_processor(_frame)


def places(role: Role | None) -> list[dict[str, Any]]:
    """Where a role may go: address, title, whether we are there."""
    found = [place for place in PLACES if open_to(place.endpoint, role)]
    return [
        {"address": url_for(each.endpoint), "title": each.title, "here": each.endpoint == request.endpoint}
        for each in found
    ]


def _frame() -> dict[str, Any]:
    person = current.account()
    return {"account": person, "places": places(person.role) if person else []}
