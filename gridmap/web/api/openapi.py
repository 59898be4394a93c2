"""OpenAPI 3.1 description of the API, made from the models of its parameters and responses."""

from collections.abc import Iterable, Mapping
from importlib.metadata import version

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from gridmap.web.api.operations import Operation
from gridmap.web.api.schemas import ProblemSchema
from gridmap.web.errors import PROBLEM_MIMETYPE

REF_TEMPLATE = "#/components/schemas/{model}"
API_DESCRIPTION = (
    "Read-only, within the scope of the caller's account. Programs sign in as people do, at /sign-in, and send the"
    " cookie. Dates are YYYY-MM-DD; geometries are GeoJSON (RFC 7946); errors are problem details (RFC 9457)."
)
ERROR_RESPONSES = {
    "401": "No valid sign-in",
    "403": "Not for this role",
    "404": "Not found, or outside the caller's scope",
    "422": "Invalid parameters; each is listed with the expected value",
    "default": "Other errors; 429 and 503 carry Retry-After",
}


def build_openapi(operations: Iterable[Operation]) -> dict[str, object]:
    """Return the description of operations.

    Parameters
    ----------
    operations : iterable of Operation

    Returns
    -------
    dict
        OpenAPI 3.1, as plain values.
    """
    operations = list(operations)
    models: set[type[BaseModel]] = {ProblemSchema, *(each.response_model for each in operations)}
    named, schemas = models_json_schema([(model, "serialization") for model in models], ref_template=REF_TEMPLATE)
    schema_refs = {model: named[model, "serialization"] for model in models}
    return {
        "openapi": "3.1.0",
        "info": {"title": "gridmap", "version": version("gridmap"), "description": API_DESCRIPTION},
        "servers": [{"url": "/api"}],
        "paths": {each.path: {"get": _operation_object(each, schema_refs)} for each in operations},
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "gridmap"}},
        },
        "security": [{"session": []}],
    }


def _operation_object(
    operation: Operation, schema_refs: Mapping[type[BaseModel], Mapping[str, object]]
) -> dict[str, object]:
    docstring = (operation.view.__doc__ or "").strip()
    errors = {
        code: _response_object(text, PROBLEM_MIMETYPE, schema_refs[ProblemSchema])
        for code, text in ERROR_RESPONSES.items()
    }
    return {
        "operationId": operation.name,
        "summary": docstring.partition("\n")[0],
        "description": f"{docstring}\n\nRoles: {', '.join(operation.roles)}.",
        "parameters": list(_parameter_objects(operation)),
        "responses": {
            "200": _response_object("The response", operation.media_type, schema_refs[operation.response_model]),
            **errors,
        },
    }


def _response_object(description: str, media_type: str, schema: Mapping[str, object]) -> dict[str, object]:
    return {"description": description, "content": {media_type: {"schema": schema}}}


def _parameter_objects(operation: Operation) -> Iterable[dict[str, object]]:
    """Yield the parameters of a model. An optional parameter is absent from a query, never null."""
    schema = operation.params_model.model_json_schema()
    for name, field in schema["properties"].items():
        value_schema = {
            key: value for key, value in field.items() if key not in ("title", "description", "anyOf", "default")
        }
        value_schema |= next((each for each in field.get("anyOf", ()) if each.get("type") != "null"), {})
        location = "path" if f"{{{name}}}" in operation.path else "query"
        yield {
            "name": name,
            "in": location,
            "required": location == "path" or name in schema.get("required", ()),
            "schema": value_schema if field.get("default") is None else {**value_schema, "default": field["default"]},
            "description": field.get("description", ""),
        }
