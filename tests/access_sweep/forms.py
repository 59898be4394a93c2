"""Form requests of the access sweep: every form, filled in from its page with own and foreign values."""

from collections.abc import Iterator
from itertools import count

from flask import Flask
from werkzeug.routing import Rule

from tests.access_sweep.persona_client import CSRF_FIELD, FormParser, PersonaClient
from tests.access_sweep.probe_requests import (
    PathValues,
    ProbeRequest,
    ValueSets,
    fill_path,
    parameter_names,
    parameter_values,
    url_rules,
)

DEFAULT_FIELDS = {"reason": "visit at home", "name": "someone", "language": "en"}

name_numbers = count(1)
"""Numbers of new names: a name that is taken would be refused for that reason."""


def build_form_requests(
    app: Flask, client: PersonaClient, value_sets: ValueSets, path_prefix: str = ""
) -> Iterator[tuple[ProbeRequest, PathValues]]:
    """Yield each form with its fields; foreign values are in its path, in its fields, or in both."""
    own, foreign = value_sets.own, value_sets.foreign
    for rule in url_rules(app):
        if "POST" not in (rule.methods or ()) or not rule.rule.startswith(path_prefix):
            continue
        fields = _form_of(rule, client, own)
        beyond, places = own | value_sets.out_of_scope, value_sets.places_beyond
        for target, in_path, in_fields in (
            ("own", own, own),
            ("own", own, foreign),
            ("foreign", foreign, foreign),
            ("beyond", beyond, beyond),
            *(("own", own, beyond | {**place, "name": f"visit-{next(name_numbers)}"}) for place in places),
        ):
            values = [parameter_values(name, in_path)[0] for name in parameter_names(rule)]
            if in_path is not own and values == [parameter_values(name, own)[0] for name in parameter_names(rule)]:
                continue
            echoed = (*values, *in_fields.values())
            request = ProbeRequest(rule.endpoint, rule.rule, "POST", fill_path(rule, values), target, echoed)
            yield request, {**DEFAULT_FIELDS, **fields.filled_fields(in_fields), CSRF_FIELD: client.csrf_token()}


def _form_of(rule: Rule, client: PersonaClient, own: PathValues) -> FormParser:
    """Return the fields of the page at the same path or at the nearest one above it."""
    path = fill_path(rule, [parameter_values(name, own)[0] for name in parameter_names(rule)])
    form = client.parse_forms(path)
    while path.count("/") > 1 and set(form.fields) <= {CSRF_FIELD}:
        path = path.rpartition("/")[0]
        form = client.parse_forms(path)
    return form
