"""Messages as JSON: stored without a language, and translated when they are shown."""

from collections.abc import Mapping
from typing import Any

from gridmap.core.errors import Message


def message_to_json(message: Message) -> dict[str, object]:
    """Return a message as values of JSON.

    Examples
    --------
    >>> import numpy as np
    >>> message_to_json(Message("{count} beside {other}", {"count": np.int64(3), "other": Message("a park")}))
    {'template': '{count} beside {other}', 'values': {'count': 3, 'other': {'template': 'a park', 'values': {}}}}
    """
    return {"template": message.template, "values": {key: _json_value(value) for key, value in message.values.items()}}


def message_from_json(values: Mapping[str, Any]) -> Message:
    """Return the message that `message_to_json` has written.

    Examples
    --------
    >>> str(message_from_json({"template": "{count} households", "values": {"count": 3}}))
    '3 households'
    """
    placeholders = {
        key: message_from_json(value) if isinstance(value, Mapping) else value
        for key, value in values["values"].items()
    }
    template = values["template"]
    return Message(template, placeholders)


def _json_value(value: object) -> object:
    match value:
        case Message():
            return message_to_json(value)
        case _ if (to_python := getattr(value, "item", None)) is not None:  # numpy's scalars, without loading numpy
            return to_python()
        case str() | int() | float() | bool() | None:
            return value
        case _:
            return str(value)
