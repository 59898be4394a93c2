"""Request parameters as pydantic models: checked before any query, with faults that name the expected value."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from werkzeug.datastructures import MultiDict

from gridmap.core.errors import N_, InputFault, InvalidInput, Message

MAX_ID = 2**63 - 1
MAX_FEATURES_PER_PAGE = 3000
ISO_DATE_PATTERN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
REPEATED_PARAMETER = N_("this parameter is given more than once")
UNKNOWN_PARAMETER = N_("there is no such parameter")
INVALID_VALUE = N_("this value cannot be used")
MISSING_PARAMETER = N_("this parameter is missing")
EXPECTED_ONE_OF = N_("one of {known}")
EXPECTED_DATE = N_("a date such as {example}")
EXPECTED_INTEGER = N_("a whole number from {minimum} to {maximum}")
EXPECTED_PATTERN = N_("a text of the form {form}")


def _check_iso_date(value: object) -> object:
    """Accept ``YYYY-MM-DD`` only: pydantic alone would accept seconds since 1970, too."""
    if isinstance(value, str) and not ISO_DATE_PATTERN.fullmatch(value):
        raise ValueError("date")
    return value


IsoDate = Annotated[date, BeforeValidator(_check_iso_date), WithJsonSchema({"type": "string", "format": "date"})]
RowId = Annotated[int, Field(ge=1, le=MAX_ID)]
ParamsT = TypeVar("ParamsT", bound="Params")


class Params(BaseModel):
    """Parameters of a request. Every request takes the language."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    language: str | None = Field(None, max_length=40, description="zh-CN or en; by default after Accept-Language")


class PageParams(Params):
    """Parameters of a list that is returned page by page."""

    page: int = Field(1, ge=1, le=1_000_000, description="Number of the page, from 1")
    limit: int = Field(100, ge=1, le=1000, description="Rows of a page")


class SubdistrictParams(Params):
    """Parameters of a request about a subdistrict."""

    subdistrict_id: RowId = Field(description="Key of the subdistrict")


class DateParams(Params):
    """Parameters of a request about a date."""

    on: IsoDate | None = Field(None, description="Date; today if left out")


def parse_params(model: type[ParamsT], path: Mapping[str, str], query: MultiDict[str, str]) -> ParamsT:
    """Parse the parameters of a request.

    Parameters
    ----------
    model : type of Params
    path : mapping
        Variables of the URL's path.
    query : MultiDict
        Parameters of the query; each at most once.

    Returns
    -------
    Params
        Of the type `model`.

    Raises
    ------
    InvalidInput
        With a fault for every parameter that cannot be used.
    """
    repeated = [(name, ", ".join(values)) for name, values in query.lists() if len(values) > 1]
    if repeated:
        raise InvalidInput([_parameter_fault(name, values, REPEATED_PARAMETER) for name, values in repeated])
    try:
        return model.model_validate({**query.to_dict(), **path})
    except ValidationError as error:
        raise InvalidInput(list(_validation_faults(model, error))) from None


def parse_known_params(model: type[ParamsT], query: MultiDict[str, str]) -> ParamsT:
    """Parse the parameters of a page; parameters that the model does not have are ignored.

    Raises
    ------
    InvalidInput
        With a fault for every parameter of the model that cannot be used.
    """
    known = {name: query.getlist(name) for name in model.model_fields if name in query}
    return parse_params(model, {}, MultiDict(known))


def parse_id(text: str | None) -> int | None:
    """Return the key of a row that a text is, or None.

    >>> [parse_id(text) for text in ("12", "x", "", None, "9" * 30)]
    [12, None, None, None, None]
    """
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < len(str(MAX_ID)) else None


def parse_valid_params(model: type[ParamsT], query: MultiDict[str, str]) -> ParamsT:
    """Parse the parameters of a page; those that cannot be used have their default."""
    values = {name: query[name] for name in model.model_fields if name in query}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        invalid = {each["loc"][0] for each in error.errors()}
        return model.model_validate({name: value for name, value in values.items() if name not in invalid})


def _validation_faults(model: type[Params], error: ValidationError) -> Iterator[InputFault]:
    for details in error.errors():
        name, value = str(details["loc"][0]), details["input"]
        if details["type"] == "extra_forbidden":
            known = Message(EXPECTED_ONE_OF, {"known": ", ".join(sorted(model.model_fields))})
            yield _parameter_fault(name, value, UNKNOWN_PARAMETER, known)
        elif details["type"] == "missing":
            yield _parameter_fault(name, None, MISSING_PARAMETER, _expected_message(model, name))
        else:
            yield _parameter_fault(name, value, INVALID_VALUE, _expected_message(model, name))


def _parameter_fault(name: str, value: object, problem: str, expected: Message | None = None) -> InputFault:
    return InputFault(
        Message(problem), column=name[:80], value=None if value is None else str(value)[:80], expected=expected
    )


def _expected_message(model: type[Params], name: str) -> Message | None:
    """Return the expected value of a parameter, after its schema."""
    schema = model.model_json_schema()["properties"][name]
    value = {**schema, **next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), {})}
    if value.get("format") == "date":
        return Message(EXPECTED_DATE, {"example": "2026-11-23"})
    if value.get("type") == "integer":
        return Message(EXPECTED_INTEGER, {"minimum": value.get("minimum", 0), "maximum": value.get("maximum", MAX_ID)})
    if "pattern" in value:
        return Message(EXPECTED_PATTERN, {"form": value["pattern"]})
    return None
