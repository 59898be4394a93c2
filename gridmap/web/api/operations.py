"""What an operation of the API is: an address, its parameters, its answer, and who may ask."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar

from flask import Blueprint, Response, make_response, request
from pydantic import BaseModel

from gridmap.core.names import Role
from gridmap.web.access import roles
from gridmap.web.api.answers import Page
from gridmap.web.asked import Asked, Paged, read

JSON, GEOJSON = "application/json", "application/geo+json"
One = TypeVar("One", bound=BaseModel)


@dataclass(frozen=True)
class Operation:
    """An operation that reads.

    Parameters
    ----------
    path : str
        Below ``/api``, with parameters in braces.
    asked : type of Asked
        Its parameters, those of the path among them.
    answer : type of BaseModel
        What it answers.
    view : callable
        Makes the answer from the parameters; its docstring says what it is for.
    roles : sequence of Role
        Who may ask.
    media : str
        Media type of the answer.
    """

    path: str
    asked: type[Asked]
    answer: type[BaseModel]
    view: Callable[[Any], BaseModel]
    roles: Sequence[Role] = tuple(Role)
    media: str = JSON

    @property
    def name(self) -> str:
        """What clients call it."""
        return self.view.__name__


def install(api: Blueprint, operations: Iterable[Operation]) -> None:
    """Give every operation its address; the application's rules about who may open what hold for them, too."""
    for each in operations:
        rule = each.path.replace("{", "<").replace("}", ">")
        api.add_url_rule(rule, each.name, roles(*each.roles)(_answering(each)), methods=["GET"])


def _answering(operation: Operation) -> Callable[..., Response]:
    def answered(**path: str) -> Response:
        told = operation.view(read(operation.asked, path, request.args))
        answer = make_response(told.model_dump_json())
        answer.mimetype = operation.media
        return answer

    return answered


def page_of(rows: Sequence[One], asked: Paged) -> Page[One]:
    """A page of a list that is at hand as a whole."""
    first = (asked.page - 1) * asked.limit
    pages = max(1, ceil(len(rows) / asked.limit))
    return Page(items=list(rows[first : first + asked.limit]), page=asked.page, pages=pages)
