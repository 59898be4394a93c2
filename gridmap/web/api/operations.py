"""Operations of the API: path, parameters, response and roles."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar

from flask import Blueprint, Response, make_response, request
from pydantic import BaseModel

from gridmap.core.vocabulary import Role
from gridmap.web.access import roles_required
from gridmap.web.api.schemas import PageSchema
from gridmap.web.geojson import encode_collection
from gridmap.web.params import PageParams, Params, parse_params

JSON_MIMETYPE = "application/json"
ItemT = TypeVar("ItemT")
SchemaT = TypeVar("SchemaT", bound=BaseModel)


@dataclass(frozen=True)
class JsonText:
    """Response that is JSON text already, because the database wrote most of it."""

    text: str


@dataclass(frozen=True)
class Operation:
    """Operation that reads.

    Parameters
    ----------
    path : str
        Below ``/api``, with parameters in braces.
    params_model : type of Params
        Parameters, including those of the path.
    response_model : type of BaseModel
        Schema of the response.
    view : callable
        Makes the response from the parameters; its docstring describes the operation.
    roles : sequence of Role
        Roles that may call it.
    media_type : str
        Media type of the response.
    """

    path: str
    params_model: type[Params]
    response_model: type[BaseModel]
    view: Callable[[Any], BaseModel | JsonText]
    roles: Sequence[Role] = tuple(Role)
    media_type: str = JSON_MIMETYPE

    @property
    def name(self) -> str:
        """Name of the operation for clients: ``operationId``."""
        return self.view.__name__


def register_operations(api: Blueprint, operations: Iterable[Operation]) -> None:
    """Add a route for every operation, with the access control of pages."""
    for each in operations:
        rule = each.path.replace("{", "<").replace("}", ">")
        api.add_url_rule(rule, each.name, roles_required(*each.roles)(_make_view(each)), methods=["GET"])


def _make_view(operation: Operation) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        result = operation.view(parse_params(operation.params_model, path, request.args))
        response = make_response(result.text if isinstance(result, JsonText) else result.model_dump_json())
        response.mimetype = operation.media_type
        return response

    return view


def paginate(items: Sequence[SchemaT], params: PageParams) -> PageSchema[SchemaT]:
    """Return a page of a complete list."""
    return PageSchema(items=list(_page_items(items, params)), page=params.page, pages=_page_count(items, params))


def paginate_features(rows: Sequence[ItemT], params: PageParams, encode: Callable[[ItemT], str]) -> JsonText:
    """Return a page of features, made from a complete list of rows."""
    features = (encode(row) for row in _page_items(rows, params))
    return JsonText(encode_collection(features, params.page, _page_count(rows, params)))


def _page_items(items: Sequence[ItemT], params: PageParams) -> Sequence[ItemT]:
    first = (params.page - 1) * params.limit
    return items[first : first + params.limit]


def _page_count(items: Sequence[object], params: PageParams) -> int:
    return max(1, ceil(len(items) / params.limit))
