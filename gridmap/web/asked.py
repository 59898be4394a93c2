"""Parameters of the API: checked before anything is looked up, and told with what was expected."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from werkzeug.datastructures import MultiDict

from gridmap.core.errors import N_, BadInput, Fault, Message

LARGEST_KEY = 2**63 - 1
MOST_FEATURES = 3000
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
TWICE = N_("this parameter is given more than once")
UNKNOWN = N_("there is no such parameter")
UNUSABLE = N_("this value cannot be used")
MISSING = N_("this parameter is missing")
KNOWN = N_("one of {known}")
A_DATE = N_("a date such as {example}")
A_NUMBER = N_("a whole number from {least} to {most}")
A_TEXT = N_("a text of the form {form}")


def _day(given: Any) -> Any:
    """Nothing but ``YYYY-MM-DD``: pydantic alone would take seconds since 1970, too."""
    if isinstance(given, str) and not ISO_DAY.fullmatch(given):
        raise ValueError("date")
    return given


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Key = Annotated[int, Field(ge=1, le=LARGEST_KEY)]


class Asked(BaseModel):
    """Parameters of a request; every operation takes the language."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    language: str | None = Field(None, max_length=40, description="zh-CN or en; else as Accept-Language says")


class Paged(Asked):
    """A list, a page at a time."""

    page: int = Field(1, ge=1, le=1_000_000, description="Which page, from 1")
    limit: int = Field(100, ge=1, le=1000, description="Rows of a page")


class OfSubdistrict(Asked):
    """Something of a subdistrict."""

    subdistrict: Key = Field(description="Key of the subdistrict")


class OnDay(Asked):
    """Something as it was, is or will be on a day."""

    on: Day | None = Field(None, description="The day it is asked for; today where it is left out")


def read(model: type[Asked], path: Mapping[str, str], query: MultiDict[str, str]) -> Asked:
    """The parameters of a request.

    Raises
    ------
    BadInput
        With a fault for every parameter that cannot be used.
    """
    twice = [_fault(name, ", ".join(values), TWICE) for name, values in query.lists() if len(values) > 1]
    if twice:
        raise BadInput(twice)
    try:
        return model.model_validate({**query.to_dict(), **path})
    except ValidationError as error:
        raise BadInput(list(_faults(model, error.errors()))) from None


def _faults(model: type[Asked], errors: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    for error in errors:
        name, value = str(error["loc"][0]), error["input"]
        if error["type"] == "extra_forbidden":
            known = Message(KNOWN, {"known": ", ".join(sorted(model.model_fields))})
            yield _fault(name, value, UNKNOWN, known)
        elif error["type"] == "missing":
            yield _fault(name, None, MISSING, _expected(model, name))
        else:
            yield _fault(name, value, UNUSABLE, _expected(model, name))


def _fault(name: str, value: Any, problem: str, expected: Message | None = None) -> Fault:
    return Fault(
        Message(problem), column=name[:80], value=None if value is None else str(value)[:80], expected=expected
    )


def _expected(model: type[Asked], name: str) -> Message | None:
    """What the description says of a parameter, as a sentence."""
    schema = model.model_json_schema()["properties"][name]
    kind = {**schema, **next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), {})}
    if kind.get("format") == "date":
        return Message(A_DATE, {"example": "2026-11-23"})
    if kind.get("type") == "integer":
        return Message(A_NUMBER, {"least": kind.get("minimum", 0), "most": kind.get("maximum", LARGEST_KEY)})
    if "pattern" in kind:
        return Message(A_TEXT, {"form": kind["pattern"]})
    return None
