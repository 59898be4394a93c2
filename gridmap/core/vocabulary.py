"""Vocabulary shared by code, tables, files and pages: enumerations."""

from enum import IntEnum, StrEnum


class StreetKind(StrEnum):
    """Class of a street; ``local`` is the default for files without a class."""

    MOTORWAY = "motorway"
    ARTERIAL = "arterial"
    LOCAL = "local"
    LANE = "lane"


class BarrierKind(StrEnum):
    """Line that people on foot do not cross; a wall is one that grids should not cross."""

    RAIL = "rail"
    WATER = "water"
    MOTORWAY = "motorway"
    WALL = "wall"


class GridKind(StrEnum):
    """Kind of a grid: ``household`` (基础网格) or ``dedicated`` (专属网格: park, school, market)."""

    HOUSEHOLD = "household"
    DEDICATED = "dedicated"


class GridStatus(StrEnum):
    """Status of a grid against the norm."""

    UNDER = "under"
    IN_RANGE = "in_range"
    OVER = "over"


class SearchEffort(StrEnum):
    """Effort of the search for a plan."""

    FAST = "fast"
    DEFAULT = "default"


class HouseholdKind(StrEnum):
    """Meaning of 户: ``resident`` (常住户, lives here), ``registered`` (户籍户) or ``dwelling`` (房屋套数)."""

    RESIDENT = "resident"
    REGISTERED = "registered"
    DWELLING = "dwelling"


class PopulationKind(StrEnum):
    """Persons that an office counts in a building: all ``residents``, or those of 60 and older."""

    RESIDENTS = "residents"
    RESIDENTS_60 = "residents_60"


class Occupancy(StrEnum):
    """Right by which a household lives in its dwelling: ``owner`` 自住 or ``tenant`` 租住."""

    OWNER = "owner"
    TENANT = "tenant"


class Residence(StrEnum):
    """Place where a household lives and where it is registered (人户).

    ``here`` both here; ``registered_elsewhere`` 人在户不在, lives here only; ``lives_elsewhere`` 户在人不在, is only
    registered here. The last two are 人户分离.
    """

    HERE = "here"
    REGISTERED_ELSEWHERE = "registered_elsewhere"
    LIVES_ELSEWHERE = "lives_elsewhere"


class Role(StrEnum):
    """Role of an account; ``station`` (社区网格工作站) receives and dispatches incidents."""

    PLANNER = "planner"
    WORKER = "worker"
    LEADER = "leader"
    STATION = "station"
    ADMIN = "admin"


class DutyKind(StrEnum):
    """Duty of a person on the roster.

    ``own_grid`` is B岗, a grid; ``field`` is A岗, a field of work in the whole community; ``building`` and
    ``resident_group`` are places of a 楼栋长 or 信息员.
    """

    OWN_GRID = "own_grid"
    FIELD = "field"
    BUILDING = "building"
    RESIDENT_GROUP = "resident_group"


class RosterRole(StrEnum):
    """Role of a person on the roster of a place; the first one is in charge of the grid."""

    GRID_LEADER = "grid_leader"
    GRID_WORKER = "grid_worker"
    BUILDING_LEADER = "building_leader"
    INFORMANT = "informant"
    POLICE = "police"
    PARTY_MEMBER = "party_member"
    VOLUNTEER = "volunteer"
    SOCIAL_ORGANISATION = "social_organisation"


class SearchKind(StrEnum):
    """Kind of a place that the search finds, in the order of the results."""

    ESTATE = "estate"
    BUILDING = "building"
    GRID = "grid"
    ORGANISATION = "organisation"
    SHOP = "shop"
    FACILITY = "facility"


class Tenure(StrEnum):
    """Tenure of rooms; offices are rarely owned (R40)."""

    OWNED = "owned"
    RENTED = "rented"
    LENT = "lent"
    UNKNOWN = "unknown"


class RevealField(StrEnum):
    """Value of a resident that is shown in clear for a recorded reason."""

    NAME = "name"
    PHONE = "phone"
    ID_NUMBER = "id_number"


class RevealPurpose(StrEnum):
    """Purpose of a reveal: 入户走访, 电话回访, 核对信息, or 办理事项, which has a number."""

    DOOR_VISIT = "door_visit"
    CALL_BACK = "call_back"
    VERIFICATION = "verification"
    MATTER = "matter"


class LinePurpose(StrEnum):
    """Purpose of looking at incidents of a service line; ``matter`` 办理事项 has a number."""

    ANALYSIS = "analysis"
    COORDINATION = "coordination"
    SUPERVISION = "supervision"
    MATTER = "matter"


class IncidentStatus(StrEnum):
    """Status of an incident: ``open`` until its case is ``closed``."""

    OPEN = "open"
    CLOSED = "closed"


class CaseState(StrEnum):
    """State of a case 工单.

    ``received`` 待受理, ``returned`` 待补充 (the reporter is asked), ``accepted`` 已受理 (the station has it),
    ``assigned`` 待接收, ``in_progress`` 处理中, ``closed`` 已办结, ``duplicate`` 重复件 of another one, or
    ``withdrawn`` 已撤回.
    """

    RECEIVED = "received"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"


class CaseAction(StrEnum):
    """Action of a step of a case, in the order of buttons on its page."""

    ACCEPT = "accept"
    BEGIN = "begin"
    ANSWER = "answer"
    ASSIGN = "assign"
    SEND_BACK = "send_back"
    ASK_REPORTER = "ask_reporter"
    CLOSE = "close"
    SETTLE = "settle"
    REOPEN = "reopen"
    SUPERVISE = "supervise"
    INSTRUCT = "instruct"
    NOTE = "note"
    LINK_DUPLICATE = "link_duplicate"
    UNLINK_DUPLICATE = "unlink_duplicate"
    WITHDRAW = "withdraw"
    HAND_OVER = "hand_over"
    HAND_BACK = "hand_back"


class CaseActor(StrEnum):
    """Part that an account has in a case; ``service`` is gridmap itself, when a plan comes into force."""

    STATION = "station"
    HANDLER = "handler"
    REPORTER = "reporter"
    LEADER = "leader"
    SERVICE = "service"


class AssignmentBasis(StrEnum):
    """Reason why a worker has a case: the ``line`` of work (A岗), the ``grid`` (B岗) or the station's ``choice``."""

    LINE = "line"
    GRID = "grid"
    CHOICE = "choice"


class CaseNoticeKind(StrEnum):
    """Reason of a note to an account about a case."""

    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    PASSED_ON = "passed_on"
    BEGUN = "begun"
    SENT_BACK = "sent_back"
    ASKED = "asked"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"
    SUPERVISED = "supervised"
    INSTRUCTED = "instructed"
    HANDED_OVER = "handed_over"
    TAKEN_OVER = "taken_over"
    HANDED_BACK = "handed_back"
    OVERDUE = "overdue"


class AccessClass(StrEnum):
    """Access class of incidents: ``ordinary`` (公开类), ``personal`` (个人类) or ``sensitive`` (敏感类)."""

    ORDINARY = "ordinary"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


class JobState(StrEnum):
    """State of a job; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobFailure(StrEnum):
    """Reason of a failed job; ``error`` comes with a message of its own."""

    ERROR = "error"
    INTERRUPTED = "interrupted"
    ACCOUNT_ENDED = "account_ended"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    INTERNAL = "internal"


class FilePurpose(StrEnum):
    """Purpose of a stored file: an ``upload`` of its owner, or the ``result`` of a job."""

    UPLOAD = "upload"
    RESULT = "result"


class RecordAction(StrEnum):
    """Action of a change set on a row."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


class UndoObstacleKind(StrEnum):
    """Reason why a change set cannot be undone: something newer stands on a row of it, or too little is known."""

    UNDONE = "undone"
    VALUES_REMOVED = "values_removed"
    CHANGED = "changed"
    REFERRED_TO = "referred_to"
    DELETED_INCIDENT = "deleted_incident"
    ENDED_LEAVE = "ended_leave"


class DifferenceKind(StrEnum):
    """Difference between a row of a sheet and the database."""

    NEW = "new"
    CHANGED = "changed"
    CONTRADICTION = "contradiction"
    UNCHANGED = "unchanged"
    GONE = "gone"


class CandidateReason(StrEnum):
    """Reason why a building may be the one that an address means."""

    SEVERAL = "several"
    SAME_ESTATE = "same_estate"
    SIMILAR_ADDRESS = "similar_address"
    SAME_NUMBER = "same_number"


class BorderKind(IntEnum):
    """Line on the border of two cells, the strongest first; a border on several lines has the kind of the strongest."""

    MOTORWAY = 0
    RAIL = 1
    WATER = 2
    ARTERIAL = 3
    LOCAL = 4
    WALL = 5
    LANE = 6
    OPEN = 7
    """No line: the border runs between buildings."""


BLOCKING_BORDER_KINDS = (BorderKind.MOTORWAY, BorderKind.RAIL, BorderKind.WATER)
"""Borders that people on foot cross only at a street crossing."""


class CureKind(StrEnum):
    """Kind of a change that would bring a grid into the range."""

    RAISE_MAXIMUM = "raise_maximum"
    LOWER_MINIMUM = "lower_minimum"
    DIVIDE_COURTYARD = "divide_courtyard"
    DIVIDE_BUILDING = "divide_building"
    CROSS_BARRIER = "cross_barrier"
    MOVE_BOUNDARY = "move_boundary"


class GroupKind(StrEnum):
    """Kind of a group of buildings that grids should not cut."""

    ESTATE = "estate"
    COURTYARD = "courtyard"
    RESIDENT_GROUP = "resident_group"


class FindingKind(StrEnum):
    """Kind of a fault in grids drawn by hand."""

    GAP = "gap"
    OVERLAP = "overlap"
    SPILL = "spill"
    MULTIPART = "multipart"
    DUPLICATE = "duplicate"
    INVALID = "invalid"
    UNASSIGNED_BUILDING = "unassigned_building"
    BUILDING_CUT = "building_cut"
    COURTYARD_SPLIT = "courtyard_split"
    OVERSIZE = "oversize"
    UNDERSIZE = "undersize"
    TOO_WIDE = "too_wide"
    EMPTY_GRID = "empty_grid"
    MISSING_CODE = "missing_code"
    FOREIGN_COMMUNITY = "foreign_community"


class Severity(StrEnum):
    """Severity of a fault: ``high`` (people are left out or counted twice), ``medium`` (a rule is broken), ``low``."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
