"""Report of a restore, in sentences and as values of JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from gridmap.core.errors import N_, Message
from gridmap.services.operations.restores import RestoreReport

RESTORED = N_(
    "Restored from {file}, which was made at {made}. The previous data are kept as the database {previous} until the"
    " next restore."
)
SESSIONS_ENDED = N_("Everybody has to sign in again; {count} sessions of the backup's time are closed.")
AUDIT_CARRIED_ON = N_("The audit goes on: {count} later entries are kept, and the restore is one, too.")
AUDIT_LOST = N_(
    "The audit of the replaced database could not be read, so its later entries are in the database {previous} only."
)
RETURNED_ACCOUNTS = N_("Accounts that can sign in again ({count}): {names}")
RETURNED_SCOPES = N_("Scopes that hold again ({count}): {names}")
RETURNED_APPROVALS = N_("Accounts that may approve plans again ({count}): {names}")
RETURNED_PASSWORDS = N_("Accounts whose earlier password works again ({count}): {names}")
DEACTIVATION_ADVICE = N_(
    "Take these rights away where they should not hold: gridmap account deactivate NAME, gridmap account password NAME,"
    " or the page of the account."
)


def restore_sentences(file: Path, report: RestoreReport) -> Iterator[Message]:
    """Yield the sentences about a restore."""
    yield Message(RESTORED, {"file": file, "made": report.made, "previous": report.previous})
    yield Message(SESSIONS_ENDED, {"count": report.sessions_ended})
    if report.entries_carried_on is None:
        yield Message(AUDIT_LOST, {"previous": report.previous})
    else:
        yield Message(AUDIT_CARRIED_ON, {"count": report.entries_carried_on})
    yield from report.secret_faults
    yield from _returned_sentences(report)


def restore_values(file: Path, report: RestoreReport) -> dict[str, object]:
    """Return the report as values of JSON."""
    return {
        "restored": str(file),
        "made": report.made,
        "previous": report.previous,
        "sessions_ended": report.sessions_ended,
        "entries_carried_on": report.entries_carried_on,
        "secret_faults": [str(sentence) for sentence in report.secret_faults],
        **asdict(report.returned, dict_factory=lambda pairs: {f"returned_{name}": list(each) for name, each in pairs}),
    }


def _returned_sentences(report: RestoreReport) -> Iterator[Message]:
    returned = report.returned
    lists: Iterable[tuple[str, list[str]]] = (
        (RETURNED_ACCOUNTS, list(returned.accounts)),
        (RETURNED_SCOPES, [" ".join(filter(None, scope[:4])) for scope in returned.scopes]),
        (RETURNED_APPROVALS, [scope.account for scope in returned.scopes if scope.can_approve]),
        (RETURNED_PASSWORDS, list(returned.passwords)),
    )
    for template, names in lists:
        if names:
            yield Message(template, {"count": len(names), "names": ", ".join(names)})
    if any(names for _, names in lists):
        yield Message(DEACTIVATION_ADVICE)
