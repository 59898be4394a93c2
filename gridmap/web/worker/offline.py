"""The report form without network: a form that the phone keeps, and the service worker that shows it."""

import hashlib
import json

from flask import current_app, make_response, render_template, url_for
from werkzeug.wrappers import Response

from gridmap.texts import translate
from gridmap.web.access import public
from gridmap.web.language import current_language
from gridmap.web.worker.forms import IncidentForm
from gridmap.web.worker.my_grid import worker
from gridmap.web.worker.reports import QUEUE_TEXTS

SCOPE = "/my-grid"
STYLESHEETS = ("css/tokens.css", "css/tokens_dark.css", "css/gridmap.css", "css/components.css", "css/grids.css")
REPORT_MODULES = ("answers", "category_buttons", "known", "panel", "photos", "place", "saved_form", "sender", "store")
SCRIPTS = (
    *("js/pages/offline_report.js", "js/pages/incident_report.js", "js/lib/dom.js", "js/lib/texts.js"),
    *(f"js/reports/{name}.js" for name in REPORT_MODULES),
)
"""Files of the form without network."""
FORM_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "frame-ancestors 'none'; form-action 'none'; base-uri 'none'"
)
"""Policy of the form: it holds no text from data, and a nonce that is kept would be known to the next page."""
WORKER_POLICY = "default-src 'none'; connect-src 'self'"


@worker.get("/report/offline")
@public
def offline_form() -> Response:
    """Show the form without network; it is the same for every account."""
    response = make_response(_render_form())
    response.headers["Content-Security-Policy"] = FORM_POLICY
    return response


@worker.get("/service-worker.js")
@public
def service_worker() -> Response:
    """Return the service worker; another form or other files make another version, which replaces it at once."""
    config = {
        "version": hashlib.sha256(_render_form().encode()).hexdigest()[:10],
        "form": url_for("worker.offline_form"),
        "files": [url_for("static", filename=name) for name in (*STYLESHEETS, *SCRIPTS)],
        "pages": [url_for("worker.index"), url_for("worker.new_incident")],
    }
    with current_app.open_resource(f"{current_app.static_folder}/js/reports/service_worker.js", "r") as file:
        response = make_response(f"const CONFIG = {json.dumps(config)};\n{file.read()}")
    response.mimetype = "text/javascript"
    response.headers["Content-Security-Policy"] = WORKER_POLICY
    response.headers["Service-Worker-Allowed"] = SCOPE
    return response


def _render_form() -> str:
    """Render the form without anything of the request but its language."""
    form, language = IncidentForm(formdata=None, meta={"csrf": False}), current_language()
    form.form_token.data = "-"  # each opening of the form makes its own
    form.category.choices, form.building.choices = [], []
    texts = {name: translate(text, language) for name, text in QUEUE_TEXTS.items()}
    return render_template(
        "worker/offline_report.html",
        form=form,
        stylesheets=STYLESHEETS,
        account_id="",
        present_time="",
        queue_texts=texts,
    )
