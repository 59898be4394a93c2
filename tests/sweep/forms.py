"""Forms sent: to every route that takes one, filled in as its page gives it, about one's own things and foreign."""

from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

from tests.sweep.asking import Question, Values, Whose, arguments, choices, filled, rules
from tests.sweep.browser import TOKEN, Browser, Form

SENT = {"reason": "visit at home", "name": "someone", "language": "en"}


def questions(app: Flask, browser: Browser, whose: Whose, only: str = "") -> Iterator[tuple[Question, Values]]:
    """Each form with its fields; foreign values in its address, in its fields, or in both."""
    own, foreign = whose.own, whose.foreign
    for rule in rules(app):
        if "POST" not in (rule.methods or ()) or not rule.rule.startswith(only):
            continue
        fields = _fields(rule, browser, own)
        for about, address, typed in (("own", own, own), ("own", own, foreign), ("foreign", foreign, foreign)):
            values = [choices(name, address)[0] for name in arguments(rule)]
            if about == "foreign" and not values:
                continue
            given = (*values, *typed.values())
            asked = Question(rule.endpoint, rule.rule, "POST", filled(rule, values), about, given)
            yield asked, {**SENT, **fields.typed(typed), TOKEN: browser.token()}


def _fields(rule: Rule, browser: Browser, own: Values) -> Form:
    """Fields of the page at the same address, or of one above it."""
    path = filled(rule, [choices(name, own)[0] for name in arguments(rule)])
    form = browser.form(path)
    while path.count("/") > 1 and set(form.fields) <= {TOKEN}:
        path = path.rpartition("/")[0]
        form = browser.form(path)
    return form
