"""Files of a whole subdistrict: the page that asks for all tables, responsibility maps or notice boards."""

from dataclasses import dataclass, field

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.services.grids.sheet import Paper
from gridmap.services.jobs.kinds import EXPORT_TABLES, PRINT_NOTICE_BOARDS, PRINT_SHEETS, JobKind
from gridmap.services.subdistrict_files import requests
from gridmap.services.subdistrict_files.tables_job import BUNDLE_FORMATS
from gridmap.web import context
from gridmap.web.access import can_access, roles_required
from gridmap.web.exports.response import account_label
from gridmap.web.forms import BaseForm, SelectField, new_request_key
from gridmap.web.language import current_language
from gridmap.web.shared.denials import answer_not_found

blueprint = Blueprint("subdistrict_files", __name__, url_prefix="/subdistricts")
blueprint.register_error_handler(NotFound, answer_not_found)


class TablesForm(BaseForm):
    """Format of the file with all tables."""

    choice = SelectField(
        N_("Format"), [InputRequired()], choices=[SelectChoice(key, each.title) for key, each in BUNDLE_FORMATS.items()]
    )
    request_key = HiddenField(default=new_request_key)


class SheetsForm(BaseForm):
    """Paper of the responsibility maps."""

    id_prefix = "sheets"
    choice = SelectField(
        N_("Paper"), [InputRequired()], choices=[SelectChoice(paper.value, paper.value.upper()) for paper in Paper]
    )
    request_key = HiddenField(default=new_request_key)


class BoardsForm(SheetsForm):
    """Paper of the notice boards."""

    id_prefix = "boards"


@dataclass
class FileForms:
    """Forms of the page; the one that was sent keeps what was chosen."""

    tables: TablesForm = field(default_factory=lambda: TablesForm(formdata=None))
    sheets: SheetsForm = field(default_factory=lambda: SheetsForm(formdata=None))
    boards: BoardsForm = field(default_factory=lambda: BoardsForm(formdata=None))


@blueprint.get("/<subdistrict_code>/files")
@roles_required(*EXPORT_TABLES.roles)
def index(subdistrict_code: str) -> str:
    """Show what can be had of a whole subdistrict."""
    return _files_page(subdistrict_code, FileForms())


@blueprint.post("/<subdistrict_code>/files/tables")
@roles_required(*EXPORT_TABLES.roles)
def create_tables(subdistrict_code: str) -> Response:
    """Ask for all tables as one file, and go to its progress."""
    form = TablesForm()
    return _submit(EXPORT_TABLES, subdistrict_code, form, FileForms(tables=form))


@blueprint.post("/<subdistrict_code>/files/sheets")
@roles_required(*PRINT_SHEETS.roles)
def create_sheets(subdistrict_code: str) -> Response:
    """Ask for the responsibility maps of all grids, and go to their progress."""
    form = SheetsForm()
    return _submit(PRINT_SHEETS, subdistrict_code, form, FileForms(sheets=form))


@blueprint.post("/<subdistrict_code>/files/notice-boards")
@roles_required(*PRINT_NOTICE_BOARDS.roles)
def create_notice_boards(subdistrict_code: str) -> Response:
    """Ask for the notice boards of all grids, and go to their progress."""
    form = BoardsForm()
    return _submit(PRINT_NOTICE_BOARDS, subdistrict_code, form, FileForms(boards=form))


def _submit(kind: JobKind, code: str, form: TablesForm | SheetsForm, forms: FileForms) -> Response:
    session, caller = context.session(), context.caller()
    requests.get_subdistrict(session, caller, code)
    if not form.validate():
        return make_response(_files_page(code, forms), 422)
    public_url = url_for("public.communities", subdistrict_code=code, _external=True)
    origin = requests.FileOrigin(account_label(), current_language(), request.remote_addr, public_url)
    key = form.request_key.data or None
    try:
        job_id = requests.submit_file(
            session, caller, kind, code, str(form.choice.data), origin=origin, request_key=key
        )
    except NotPossible as error:
        return make_response(_files_page(code, forms, refusal=error.message), 409)
    return redirect(url_for("jobs.show", job_id=job_id, follow=1), code=303)


def _files_page(code: str, forms: FileForms, *, refusal: Message | None = None) -> str:
    return render_template(
        "overview/files.html",
        subdistrict=requests.get_subdistrict(context.session(), context.caller(), code),
        forms=forms,
        can_print=can_access("subdistrict_files.create_sheets", context.role()),
        refusal=refusal,
    )
