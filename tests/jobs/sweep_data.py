"""Jobs and stored files of the access sweep, which no other account may see."""

from datetime import date, timedelta

from sqlalchemy import func
from sqlalchemy.orm import Session

from gridmap.store import schema


def create_jobs(session: Session, subdistrict_id: int, account_id: int | None, text_tag: str) -> None:
    """Add a job that failed, and a stored file, of an account; their texts have the tag of the subdistrict."""
    keys = {"subdistrict_id": subdistrict_id, "account_id": account_id}
    traces = {"note": f"parameters{text_tag}"}
    error = {"template": f"error{text_tag}", "values": {}}
    ended = {"state": "failed", "failure": "error", "error": error, "finished_at": func.now()}
    session.add(schema.Job(kind="partition", parameters=traces, result=traces, **ended, **keys))
    file = schema.StoredFile(
        purpose="result",
        name="plan",
        media_type="text/plain",
        size_bytes=1,
        sha256=bytes(32),
        key_encrypted=b"1",
        expires_at=func.now() + timedelta(days=1),
        **keys,
    )
    session.add(file)
    session.flush()
    session.add(schema.StoredFileChunk(stored_file_id=file.id, number=0, content=b"1", subdistrict_id=subdistrict_id))
    create_import(session, keys, text_tag)


def create_import(session: Session, keys: dict[str, int | None], text_tag: str) -> None:
    """Add an import, and a draft of another one, of the account."""
    changes = schema.ChangeSet(source=f"register{text_tag}", as_of=date(2026, 1, 1), transaction_id=0, **keys)
    session.add(changes)
    session.flush()
    sheet = {"kind": "shops", "source": f"register{text_tag}", "as_of": date(2026, 1, 1), "file_name": "n.csv", **keys}
    session.add(schema.ImportRun(change_set_id=changes.id, sha256="0" * 64, **sheet))
    session.add(schema.ImportDraft(request_key=f"key{text_tag}", expires_at=func.now() + timedelta(days=1), **sheet))
    session.flush()
