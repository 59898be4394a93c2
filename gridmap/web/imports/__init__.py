"""Imports of sheets: upload, what was recognised, faults and differences, decisions, the list of imports, undo."""

from gridmap.web.imports import contradictions, drafts, runs, uploads
from gridmap.web.imports.blueprint import imports

__all__ = ["contradictions", "drafts", "imports", "runs", "uploads"]
