"""What an operation of the API is: an address, its parameters, its answer, and who may ask."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar

from flask import Blueprint, Response, make_response, request
from pydantic import BaseModel

from gridmap.core.vocabulary import Role
from gridmap.web.access import roles_required
from gridmap.web.api.schemas import PageSchema
from gridmap.web.params import PageParams, Params, parse_params

JSON_MIMETYPE, GEOJSON_MIMETYPE = "application/json", "application/geo+json"
ItemT = TypeVar("ItemT", bound=BaseModel)


@dataclass(frozen=True)
class Operation:
    """An operation that reads.

    Parameters
    ----------
    path : str
        Below ``/api``, with parameters in braces.
    params_model : type of Params
        Its parameters, those of the path among them.
    response_model : type of BaseModel
        What it answers.
    view : callable
        Makes the answer from the parameters; its docstring says what it is for.
    roles : sequence of Role
        Who may ask.
    media_type : str
        Media type of the answer.
    """

    path: str
    params_model: type[Params]
    response_model: type[BaseModel]
    view: Callable[[Any], BaseModel]
    roles: Sequence[Role] = tuple(Role)
    media_type: str = JSON_MIMETYPE

    @property
    def name(self) -> str:
        """What clients call it."""
        return self.view.__name__


def register_operations(api: Blueprint, operations: Iterable[Operation]) -> None:
    """Give every operation its address; the application's rules about who may open what hold for them, too."""
    for each in operations:
        rule = each.path.replace("{", "<").replace("}", ">")
        api.add_url_rule(rule, each.name, roles_required(*each.roles)(_make_view(each)), methods=["GET"])


def _make_view(operation: Operation) -> Callable[..., Response]:
    def answered(**path: str) -> Response:
        told = operation.view(parse_params(operation.params_model, path, request.args))
        answer = make_response(told.model_dump_json())
        answer.mimetype = operation.media_type
        return answer

    return answered


def paginate(items: Sequence[ItemT], params: PageParams) -> PageSchema[ItemT]:
    """A page of a list that is at hand as a whole."""
    first = (params.page - 1) * params.limit
    pages = max(1, ceil(len(items) / params.limit))
    return PageSchema(items=list(items[first : first + params.limit]), page=params.page, pages=pages)
