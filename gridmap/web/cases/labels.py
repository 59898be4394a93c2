"""Interface texts of states, actions and notices of cases."""

from gridmap.core.errors import N_
from gridmap.core.vocabulary import AssignmentBasis, CaseAction, CaseNoticeKind, CaseState

STATE_LABELS = {
    CaseState.RECEIVED: ("note", N_("to be taken in")),
    CaseState.RETURNED: ("warning", N_("the reporter is asked")),
    CaseState.ACCEPTED: ("note", N_("taken in")),
    CaseState.ASSIGNED: ("note", N_("waits for the worker")),
    CaseState.IN_PROGRESS: ("note", N_("in progress")),
    CaseState.CLOSED: ("good", N_("case closed")),
    CaseState.DUPLICATE: ("", N_("repeats another one")),
    CaseState.WITHDRAWN: ("", N_("withdrawn by the reporter")),
}
"""Tag kind and text of the states of a case."""
ACTION_LABELS = {
    CaseAction.ACCEPT: N_("Take in"),
    CaseAction.BEGIN: N_("Begin"),
    CaseAction.ANSWER: N_("Answer"),
    CaseAction.ASSIGN: N_("Assign to a worker"),
    CaseAction.SEND_BACK: N_("Send back to the station"),
    CaseAction.ASK_REPORTER: N_("Ask the reporter"),
    CaseAction.CLOSE: N_("Close the case"),
    CaseAction.SETTLE: N_("Settle on the spot"),
    CaseAction.REOPEN: N_("Reopen"),
    CaseAction.SUPERVISE: N_("Ask for speed"),
    CaseAction.INSTRUCT: N_("Give an instruction"),
    CaseAction.NOTE: N_("Add a note"),
    CaseAction.LINK_DUPLICATE: N_("It repeats another one"),
    CaseAction.UNLINK_DUPLICATE: N_("It repeats none"),
    CaseAction.WITHDRAW: N_("Withdraw"),
}
"""Buttons of the actions that people take."""
STEP_LABELS = {
    CaseAction.ACCEPT: N_("Taken in"),
    CaseAction.BEGIN: N_("Begun"),
    CaseAction.ANSWER: N_("Answered"),
    CaseAction.ASSIGN: N_("Assigned"),
    CaseAction.SEND_BACK: N_("Sent back"),
    CaseAction.ASK_REPORTER: N_("Reporter asked"),
    CaseAction.CLOSE: N_("Case closed"),
    CaseAction.SETTLE: N_("Settled on the spot"),
    CaseAction.REOPEN: N_("Reopened"),
    CaseAction.SUPERVISE: N_("Leader asked for speed"),
    CaseAction.INSTRUCT: N_("Instruction of a leader"),
    CaseAction.NOTE: N_("Note"),
    CaseAction.LINK_DUPLICATE: N_("Linked as a repetition"),
    CaseAction.UNLINK_DUPLICATE: N_("Link to the other one removed"),
    CaseAction.WITHDRAW: N_("Withdrawn"),
    CaseAction.HAND_OVER: N_("Handed over with the grid"),
    CaseAction.HAND_BACK: N_("Handed back to the station"),
}
"""Steps in the history of a case."""
TEXT_LABELS = {
    CaseAction.ANSWER: N_("Your answer"),
    CaseAction.SEND_BACK: N_("Why does it go back?"),
    CaseAction.ASK_REPORTER: N_("What is missing?"),
    CaseAction.CLOSE: N_("What was done?"),
    CaseAction.SETTLE: N_("What was done?"),
    CaseAction.REOPEN: N_("Why is it opened again?"),
    CaseAction.INSTRUCT: N_("What is to be done?"),
    CaseAction.NOTE: N_("What is to be noted?"),
}
"""Labels of the text of an action; the others need none."""
BASIS_LABELS = {
    AssignmentBasis.LINE: N_("line of work of this category"),
    AssignmentBasis.GRID: N_("works in this grid"),
    AssignmentBasis.CHOICE: N_("of the community"),
}
"""Reasons why a worker is offered."""
NOTICE_LABELS = {
    CaseNoticeKind.ACCEPTED: N_("The workstation has taken it in"),
    CaseNoticeKind.ASSIGNED: N_("You have this case now"),
    CaseNoticeKind.PASSED_ON: N_("A worker has been given it"),
    CaseNoticeKind.BEGUN: N_("A worker has begun"),
    CaseNoticeKind.SENT_BACK: N_("The worker sent it back"),
    CaseNoticeKind.ASKED: N_("The station asks you something"),
    CaseNoticeKind.ANSWERED: N_("The reporter has answered"),
    CaseNoticeKind.CLOSED: N_("It is closed"),
    CaseNoticeKind.REOPENED: N_("It is open again"),
    CaseNoticeKind.SUPERVISED: N_("A leader asks for speed"),
    CaseNoticeKind.INSTRUCTED: N_("A leader gave an instruction"),
    CaseNoticeKind.HANDED_OVER: N_("Another worker has it now"),
    CaseNoticeKind.TAKEN_OVER: N_("It came to you with the grid"),
    CaseNoticeKind.HANDED_BACK: N_("It is back at the station: nobody is in charge of the place"),
    CaseNoticeKind.OVERDUE: N_("The promised day has passed"),
}
