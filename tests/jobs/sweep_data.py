"""Jobs and stored files of the access sweep, which no other account may see."""

from datetime import timedelta

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
    session.flush()
