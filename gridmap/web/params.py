"""Parameters of the API: checked before anything is looked up, and told with what was expected."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any

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
EXPECTED_INTEGER = N_("a whole number from {least} to {most}")
EXPECTED_PATTERN = N_("a text of the form {form}")


def _check_iso_date(value: Any) -> Any:
    """Nothing but ``YYYY-MM-DD``: pydantic alone would take seconds since 1970, too."""
    if isinstance(value, str) and not ISO_DATE_PATTERN.fullmatch(value):
        raise ValueError("date")
    return value


IsoDate = Annotated[date, BeforeValidator(_check_iso_date), WithJsonSchema({"type": "string", "format": "date"})]
RowId = Annotated[int, Field(ge=1, le=MAX_ID)]


class Params(BaseModel):
    """Parameters of a request; every operation takes the language."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    language: str | None = Field(None, max_length=40, description="zh-CN or en; else as Accept-Language says")


class PageParams(Params):
    """A list, a page at a time."""

    page: int = Field(1, ge=1, le=1_000_000, description="Which page, from 1")
    limit: int = Field(100, ge=1, le=1000, description="Rows of a page")


class SubdistrictParams(Params):
    """Something of a subdistrict."""

    subdistrict_id: RowId = Field(description="Key of the subdistrict")


class DateParams(Params):
    """Something as it was, is or will be on a day."""

    on: IsoDate | None = Field(None, description="The day it is asked for; today where it is left out")


def parse_params(model: type[Params], path: Mapping[str, str], query: MultiDict[str, str]) -> Params:
    """The parameters of a request.

    Raises
    ------
    InvalidInput
        With a fault for every parameter that cannot be used.
    """
    twice = [
        _parameter_fault(name, ", ".join(values), REPEATED_PARAMETER)
        for name, values in query.lists()
        if len(values) > 1
    ]
    if twice:
        raise InvalidInput(twice)
    try:
        return model.model_validate({**query.to_dict(), **path})
    except ValidationError as error:
        raise InvalidInput(list(_validation_faults(model, error.errors()))) from None


def _validation_faults(model: type[Params], errors: Sequence[Mapping[str, Any]]) -> Iterator[InputFault]:
    for error in errors:
        name, value = str(error["loc"][0]), error["input"]
        if error["type"] == "extra_forbidden":
            known = Message(EXPECTED_ONE_OF, {"known": ", ".join(sorted(model.model_fields))})
            yield _parameter_fault(name, value, UNKNOWN_PARAMETER, known)
        elif error["type"] == "missing":
            yield _parameter_fault(name, None, MISSING_PARAMETER, _expected_message(model, name))
        else:
            yield _parameter_fault(name, value, INVALID_VALUE, _expected_message(model, name))


def _parameter_fault(name: str, value: Any, problem: str, expected: Message | None = None) -> InputFault:
    return InputFault(
        Message(problem), column=name[:80], value=None if value is None else str(value)[:80], expected=expected
    )


def _expected_message(model: type[Params], name: str) -> Message | None:
    """What the description says of a parameter, as a sentence."""
    schema = model.model_json_schema()["properties"][name]
    kind = {**schema, **next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), {})}
    if kind.get("format") == "date":
        return Message(EXPECTED_DATE, {"example": "2026-11-23"})
    if kind.get("type") == "integer":
        return Message(EXPECTED_INTEGER, {"least": kind.get("minimum", 0), "most": kind.get("maximum", MAX_ID)})
    if "pattern" in kind:
        return Message(EXPECTED_PATTERN, {"form": kind["pattern"]})
    return None
