"""Pages of cases 工单: the inbox, notices, one case with its steps, and its photos."""

from gridmap.web.cases import calls, case_map, case_page, exports, inbox  # the views
from gridmap.web.cases.blueprint import cases

__all__ = ["calls", "case_map", "case_page", "cases", "exports", "inbox"]
