"""An import in the web: upload, recognition, faults, import as a job, the list, undo; double clicks and stale pages."""

import re
from collections.abc import Callable

from flask.testing import FlaskClient

from tests.fixtures.web_app import submit_form
from tests.web.imports.conftest import LI, WRONG, ZHANG, Town, Wizard, count, execute, write_csv

OpenClient = Callable[[str], FlaskClient]


def test_a_sheet_is_recognised_imported_listed_and_undone(wizard: Wizard, town: Town) -> None:
    draft = wizard.upload([ZHANG, LI])
    page = wizard.page(draft)
    assert "2 rows, header in row 1" in page
    assert count(town, "resident") == 0
    job = wizard.apply(draft).location
    assert wizard.work() == ["done"]
    assert count(town, "resident") == 2
    result = wizard.page(job)
    assert "Undo this import" in result
    run = f"/imports/runs/{max_id(town, 'import_run')}"
    assert f'href="{run}"' in wizard.page("/imports")
    undo = submit_form(wizard.client, run, f"{run}/undo", request_key="undo")
    assert wizard.work() == ["done"]
    assert count(town, "resident") == 0
    assert "The import is undone" in wizard.page(undo.location)
    assert "undone" in wizard.page("/imports")


def max_id(town: Town, table: str) -> int:
    return count(town, f"generate_series(1, (SELECT max(id) FROM {table}))")


def test_names_and_numbers_of_persons_are_masked(wizard: Wizard) -> None:
    page = wizard.page(wizard.upload([ZHANG]))
    assert "张**" in page
    assert "**************002X" in page
    for value in ("张小明", "11010519491231002X", "13800138000"):
        assert value not in page


def test_all_faults_are_shown_at_once_and_come_back_in_the_sheet(wizard: Wizard, town: Town) -> None:
    draft = wizard.upload([ZHANG, WRONG])
    page = wizard.page(draft)
    assert "the last character should be X" in page
    marked = wizard.client.get(f"{draft}/faults")
    assert "%E9%94%99%E8%AF%AF%E5%8E%9F%E5%9B%A0" in marked.headers["Content-Disposition"]
    lines = marked.data.decode("utf-8-sig").splitlines()
    assert lines[0].endswith("错误原因")
    assert "身份证号" in lines[2]


def test_faults_are_summed_up_by_reason(wizard: Wizard, town: Town) -> None:
    page = wizard.page(wizard.upload([(f"王小{n}", *WRONG[1:]) for n in range(25)] + [("", *ZHANG[1:])]))
    groups = page[page.index("data-fault-groups") : page.index("</table>", page.index("data-fault-groups"))]
    assert re.findall(r'data-label="Rows">(\d+)<', groups) == ["25", "25", "1"]
    assert "2, 3, 4, 5, 6, 7, 8, 9, 10, 11 …" in groups
    assert re.search(r"<details><summary><strong>Row by row", page)


def test_good_rows_are_imported_only_if_that_is_ticked(wizard: Wizard, town: Town) -> None:
    draft = wizard.upload([ZHANG, WRONG])
    refused = wizard.apply(draft)
    assert refused.status_code == 422
    assert "1 rows have faults" in refused.text
    assert wizard.work() == []
    wizard.apply(draft, good_rows_only="y")
    assert wizard.work() == ["done"]
    assert count(town, "resident") == 1


def test_the_page_of_an_import_leads_to_what_it_has_brought(wizard: Wizard, town: Town) -> None:
    wizard.apply(wizard.upload([ZHANG]))
    wizard.work()
    run = f"/imports/runs/{max_id(town, 'import_run')}"
    link = '<a class="button secondary" href="/homes">'
    assert link in wizard.page(run)
    submit_form(wizard.client, run, f"{run}/undo", request_key="undo")
    wizard.work()
    assert link not in wizard.page(run)


def test_the_marked_sheet_is_announced_to_be_deleted_before_it_is(wizard: Wizard) -> None:
    draft = wizard.upload([ZHANG, WRONG])
    assert "it is deleted with the import" in wizard.page(draft)
    wizard.apply(draft, good_rows_only="y")
    assert wizard.client.get(f"{draft}/faults").status_code == 200
    wizard.work()
    assert wizard.client.get(f"{draft}/faults").status_code == 404


def test_a_double_click_uploads_and_imports_once(wizard: Wizard, town: Town) -> None:
    content = write_csv([("姓名", "出生年份", "小区", "楼号", "房号"), ("张三", "1980", "东湖花园", "1", "1")])
    first, second = (wizard.send(content, request_key="one") for _ in range(2))
    assert first.location == second.location
    assert (count(town, "import_draft"), count(town, "stored_file")) == (1, 1)
    wizard.work()
    version = wizard.version(first.location)
    jobs = {wizard.apply(first.location, version=version).location for _ in range(2)}
    assert len(jobs) == 1
    assert wizard.work() == ["done"]
    assert count(town, "import_run") == 1


def test_the_back_button_after_an_import_leads_to_its_result(wizard: Wizard, town: Town) -> None:
    draft = wizard.upload([ZHANG])
    version = wizard.version(draft)
    wizard.apply(draft)
    wizard.work()
    assert wizard.client.get(draft).location.startswith("/imports/runs/")
    again = submit_form(wizard.client, "/imports/new", f"{draft}/apply", version=version)
    assert again.status_code == 303
    assert wizard.work() == []
    assert count(town, "import_run") == 1


def test_files_of_an_imported_draft_are_deleted(wizard: Wizard, town: Town) -> None:
    wizard.apply(wizard.upload([ZHANG, WRONG]), good_rows_only="y")
    assert count(town, "stored_file") == 3
    wizard.work()
    assert count(town, "stored_file") == 0


def test_a_change_of_the_database_in_between_shows_a_new_comparison(wizard: Wizard, town: Town) -> None:
    draft = wizard.upload([ZHANG, LI])
    other = wizard.upload([LI])
    wizard.apply(other)
    wizard.work()
    job = wizard.apply(draft).location
    assert wizard.work() == ["done"]
    assert count(town, "resident") == 1
    page = wizard.page(job)
    assert "the database has changed since" in page
    assert f'href="{draft}"' in page
    wizard.apply(draft)
    wizard.work()
    assert count(town, "resident") == 2


def test_a_form_of_an_older_version_is_refused_and_nothing_is_lost(wizard: Wizard, town: Town) -> None:
    draft = wizard.upload([ZHANG, WRONG])
    stale = wizard.version(draft)
    wizard.client.get(draft)
    columns = {"version": stale, "column_name": "=姓名", "sheet": "", "encoding": ""}
    assert submit_form(wizard.client, draft, f"{draft}/columns", **columns).status_code == 303
    wizard.work()
    answer = wizard.apply(draft, version=stale, good_rows_only="y")
    assert answer.status_code == 409
    assert "changed in another window" in answer.text
    assert "checked" in answer.text
    assert count(town, "resident") == 0


def test_what_no_longer_appears_ends_only_if_that_is_ticked(wizard: Wizard, town: Town) -> None:
    wizard.apply(wizard.upload([ZHANG, (*LI[:3], "东湖花园", "1", "101")]))
    wizard.work()
    execute(town, "UPDATE resident SET valid = '[2020-01-01,)'")
    draft = wizard.upload([ZHANG], request_key="next month")
    page = wizard.page(draft)
    assert "1号楼 101" in page or "101 1880" in page
    assert wizard.apply(draft).status_code == 422
    wizard.apply(draft, end_gone="y")
    assert wizard.work() == ["done"]
    assert count(town, "resident", "upper_inf(valid)") == 1


def test_an_undo_that_something_stands_on_says_what_in_words(wizard: Wizard, town: Town) -> None:
    door = ("东湖花园", "1", "101")
    wizard.apply(first := wizard.upload([door], headers=("小区", "楼号", "房号"), kind="dwellings"))
    wizard.work()
    run = str(wizard.client.get(first).location)
    wizard.apply(wizard.upload([("王五", "1980", *door)], headers=("姓名", "出生年份", "小区", "楼号", "房号")))
    wizard.work()
    job = submit_form(wizard.client, run, f"{run}/undo", request_key="undo").location
    assert wizard.work() == ["failed"]
    page = wizard.page(job)
    assert "other rows refer to 1 of its rows (households)" in page
    assert f'href="{run}"' in page
    assert count(town, "dwelling") == 1


def test_a_discarded_draft_is_gone_with_its_files(wizard: Wizard, town: Town) -> None:
    draft = wizard.upload([ZHANG, WRONG])
    answer = submit_form(wizard.client, draft, f"{draft}/discard", version=wizard.version(draft))
    assert answer.location == "/imports"
    assert count(town, "stored_file") == 0
    assert wizard.client.get(draft).status_code == 404
    assert draft not in wizard.page("/imports")


def test_another_account_sees_no_draft(wizard: Wizard, open_client: OpenClient) -> None:
    draft = wizard.upload([ZHANG, WRONG])
    for name in ("second", "planner", "admin"):
        client = open_client(name)
        assert client.get(draft).status_code == 404
        assert client.get(f"{draft}/faults").status_code == 404
        assert submit_form(client, "/imports/new", f"{draft}/apply", version="1").status_code == 404


def test_each_role_imports_its_own_kinds(open_client: OpenClient, town: Town) -> None:
    for name, own, foreign in (
        ("station", "residents", "household-counts"),
        ("planner", "household-counts", "residents"),
        ("admin", "workers", "shops"),
    ):
        client = open_client(name)
        assert client.get(f"/imports/templates/{own}").data.startswith(b"PK")
        assert client.get(f"/imports/templates/{foreign}").status_code == 404
        answer = Wizard(client, town).send(b"x", kind=foreign)
        assert answer.status_code == 422
        assert count(town, "stored_file") == 0


def test_a_faulty_form_keeps_what_was_entered(wizard: Wizard, town: Town) -> None:
    answer = wizard.send(b"", source="派出所名册", as_of="2999-01-01")
    assert answer.status_code == 422
    for expected in ("This day is still to come", "The file is empty", "派出所名册", "2999-01-01"):
        assert expected in answer.text
    assert count(town, "import_draft") == 0


def test_earlier_sources_are_suggested(wizard: Wizard) -> None:
    wizard.apply(wizard.upload([ZHANG], source="湖滨派出所"))
    wizard.work()
    assert '<option value="湖滨派出所">' in wizard.page("/imports/new")


def test_drafts_are_deleted_after_a_week(wizard: Wizard, town: Town) -> None:
    draft = wizard.upload([ZHANG])
    execute(town, "UPDATE import_draft SET created_at = now() - interval '8 days', expires_at = now() - interval '1 s'")
    assert wizard.client.get(draft).status_code == 404
    execute(town, "SELECT clean_up_jobs()")
    assert count(town, "import_draft") == 0
