"""Upload of a sheet, and templates to fill in."""

from flask import make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import InvalidInput, NotPossible
from gridmap.services.imports.drafts import uploads
from gridmap.services.imports.drafts.uploads import SheetUpload
from gridmap.services.jobs.stored_files import FileContent
from gridmap.web import context
from gridmap.web.forms import add_form_errors, new_request_key
from gridmap.web.imports.blueprint import attach_file, importers_required, imports
from gridmap.web.imports.forms import UploadForm
from gridmap.web.language import current_language
from gridmap.web.params import parse_id

WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@imports.get("/new")
@importers_required
def new() -> str:
    """Show the form to upload a sheet."""
    form = _form(formdata=None)
    form.request_key.data = new_request_key()
    return _page(form)


@imports.post("/new")
@importers_required
def upload() -> Response | str:
    """Store a sheet, and go on to the job that reads it."""
    form = _form()
    if not form.validate():
        return make_response(_page(form), 422)
    try:
        draft = uploads.upload_sheet(context.session(), context.caller(), _upload(form))
    except InvalidInput as error:
        add_form_errors(form, error)
        return _refused_page(form, 422)
    except NotPossible as error:
        form.form_errors.append(error.message)
        return _refused_page(form, 409)
    return redirect(url_for("imports.draft", import_draft_id=draft.id), code=303)


@imports.get("/templates/<sheet_kind>")
@importers_required
def template(sheet_kind: str) -> Response:
    """Return the workbook to fill in for a kind."""
    name, content = uploads.write_kind_template(context.session(), context.caller(), sheet_kind, current_language())
    return attach_file(content, name, WORKBOOK_TYPE)


def _upload(form: UploadForm) -> SheetUpload:
    sent = form.file.data
    file = FileContent(sent.filename or "", sent.mimetype[:100] or "application/octet-stream", sent.stream)
    key = (form.request_key.data or new_request_key())[:64]
    return SheetUpload(
        parse_id(form.subdistrict_id.data) or 0, form.kind.data, form.source.data, form.as_of.data, file, key
    )


def _form(**options: None) -> UploadForm:
    form = UploadForm(**options)
    subdistricts = uploads.list_subdistricts(context.session(), context.caller())
    form.set_choices(subdistricts, uploads.list_kinds(context.role()))
    return form


def _refused_page(form: UploadForm, status: int) -> Response:
    context.discard_session()
    return make_response(_page(form), status)


def _page(form: UploadForm) -> str:
    session, caller = context.session(), context.caller()
    return render_template(
        "imports/new.html",
        form=form,
        kinds=uploads.list_kinds(context.role()),
        sources=uploads.list_sources(session, caller),
    )
