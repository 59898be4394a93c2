"""Forms sent: to every route that takes one, filled in as its page gives it, about one's own things and foreign."""

from collections.abc import Iterator

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


def build_form_requests(
    app: Flask, client: PersonaClient, value_sets: ValueSets, path_prefix: str = ""
) -> Iterator[tuple[ProbeRequest, PathValues]]:
    """Each form with its fields; foreign values in its address, in its fields, or in both."""
    own, foreign = value_sets.own, value_sets.foreign
    for rule in url_rules(app):
        if "POST" not in (rule.methods or ()) or not rule.rule.startswith(path_prefix):
            continue
        fields = _form_of(rule, client, own)
        for about, address, typed in (("own", own, own), ("own", own, foreign), ("foreign", foreign, foreign)):
            values = [parameter_values(name, address)[0] for name in parameter_names(rule)]
            if about == "foreign" and not values:
                continue
            given = (*values, *typed.values())
            asked = ProbeRequest(rule.endpoint, rule.rule, "POST", fill_path(rule, values), about, given)
            yield asked, {**DEFAULT_FIELDS, **fields.filled_fields(typed), CSRF_FIELD: client.csrf_token()}


def _form_of(rule: Rule, client: PersonaClient, own: PathValues) -> FormParser:
    """Fields of the page at the same address, or of one above it."""
    path = fill_path(rule, [parameter_values(name, own)[0] for name in parameter_names(rule)])
    form = client.parse_forms(path)
    while path.count("/") > 1 and set(form.fields) <= {CSRF_FIELD}:
        path = path.rpartition("/")[0]
        form = client.parse_forms(path)
    return form
