"""The API described as OpenAPI 3.1, from the models that its parameters and answers are checked with."""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from gridmap.web.api.operations import Operation
from gridmap.web.api.schemas import ProblemSchema

REF_TEMPLATE = "#/components/schemas/{model}"
PROBLEM_MIMETYPE = "application/problem+json"
API_DESCRIPTION = (
    "Read-only, and within what the caller's account may see. Programs sign in as people do, at /sign-in, and send the"
    " cookie. Dates are YYYY-MM-DD; geometries are GeoJSON (RFC 7946); errors are problem details (RFC 9457)."
)
ERROR_RESPONSES = {
    "401": "No valid sign-in",
    "403": "Not for this role",
    "404": "There is none, or none that the caller may see",
    "422": "A parameter cannot be used; every one is listed with what was expected",
    "default": "Any other refusal: 429 and 503 say when to come back",
}


def build_openapi(operations: Iterable[Operation]) -> dict[str, Any]:
    """The description of operations.

    Parameters
    ----------
    operations : iterable of Operation

    Returns
    -------
    dict
        OpenAPI 3.1, as plain values.
    """
    listed = list(operations)
    models: set[type[BaseModel]] = {ProblemSchema, *(each.response_model for each in listed)}
    named, schemas = models_json_schema([(model, "serialization") for model in models], ref_template=REF_TEMPLATE)
    places = {model: named[model, "serialization"] for model in models}
    return {
        "openapi": "3.1.0",
        "info": {"title": "gridmap", "version": version("gridmap"), "description": API_DESCRIPTION},
        "servers": [{"url": "/api"}],
        "paths": {each.path: {"get": _operation_object(each, places)} for each in listed},
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "gridmap"}},
        },
        "security": [{"session": []}],
    }


def _operation_object(operation: Operation, schema_refs: dict[type[BaseModel], Any]) -> dict[str, Any]:
    told = (operation.view.__doc__ or "").strip()
    refusals = {
        code: _response_object(text, PROBLEM_MIMETYPE, schema_refs[ProblemSchema])
        for code, text in ERROR_RESPONSES.items()
    }
    return {
        "operationId": operation.name,
        "summary": told.partition("\n")[0],
        "description": f"{told}\n\nFor {', '.join(operation.roles)}.",
        "parameters": list(_parameter_objects(operation)),
        "responses": {
            "200": _response_object("The answer", operation.media_type, schema_refs[operation.response_model]),
            **refusals,
        },
    }


def _response_object(description: str, media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": schema}}}


def _parameter_objects(operation: Operation) -> Iterable[dict[str, Any]]:
    """Parameters as the model has them; what may be left out is not null in an address, but absent."""
    schema = operation.params_model.model_json_schema()
    for name, field in schema["properties"].items():
        told = {key: value for key, value in field.items() if key not in ("title", "description", "anyOf", "default")}
        told |= next((each for each in field.get("anyOf", ()) if each.get("type") != "null"), {})
        place = "path" if f"{{{name}}}" in operation.path else "query"
        yield {
            "name": name,
            "in": place,
            "required": place == "path" or name in schema.get("required", ()),
            "schema": told if field.get("default") is None else {**told, "default": field["default"]},
            "description": field.get("description", ""),
        }
