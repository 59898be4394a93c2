"""Contradictions of sources: a field whose present value came from another source is not overwritten."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gridmap.core.vocabulary import DifferenceKind
from gridmap.services.imports.sheets.plan import ImportContext, RowKey
from gridmap.store.queries.journal.changes import FieldSources, load_field_sources


@dataclass(frozen=True)
class Offer:
    """A field whose value in the sheet differs from the present one.

    Parameters
    ----------
    field : str
        Column of the table.
    values : mapping
        Value to write, by column; empty for numbers and links, which are never shown.
    """

    field: str
    values: Mapping[str, object]


class SourceCheck:
    """Sources of the present values of a table's rows, and the contradictions found.

    Parameters
    ----------
    context : ImportContext
    table : str
    """

    def __init__(self, context: ImportContext, table: str) -> None:
        self._context, self._table = context, table
        self._sources = FieldSources({})

    def load(self, row_ids: Iterable[int]) -> None:
        """Load the sources of the rows that may change."""
        self._sources = load_field_sources(self._context.session, self._table, list(row_ids))

    def sort(
        self, row_id: int, offers: Sequence[Offer], known: Mapping[str, bool] | None = None
    ) -> tuple[list[str], DifferenceKind]:
        """Return the fields that differ, or those that contradict another source, and the kind of the difference.

        A row with a contradiction is not touched at all until somebody decides.

        Parameters
        ----------
        row_id : int
        offers : sequence of Offer
        known : mapping of str to bool, optional
            Whether a field has a value at present: an empty one contradicts nothing.
        """
        empty = [name for name, has_value in (known or {}).items() if not has_value]
        contrary = [each.field for each in offers if each.field not in empty and self._differs(row_id, each.field)]
        if contrary:
            return contrary, DifferenceKind.CONTRADICTION
        return [each.field for each in offers], DifferenceKind.CHANGED if offers else DifferenceKind.UNCHANGED

    def _differs(self, row_id: int, field: str) -> bool:
        """Return whether the present value came from another source; rows older than the journal have none."""
        context = self._context
        if context.takes_contradictions or str(RowKey(self._table, row_id)) in context.taken_keys:
            return False
        found = self._sources.get(row_id, field)
        return found is not None and found.source != context.source
