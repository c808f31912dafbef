"""Tables of the state database. One family per file; rooms above import from here."""
from models.base import Base, db, public_id
from models.boards import Layout
from models.calls import CallCount, KeptCall
from models.closing import DEEDS, ClosedPeriod, LateChange
from models.connections import ConnectionRow, PlaceRow
from models.data import UPLOAD_STATES, ColumnRow, DatasetRow, ProfileRow, Upload, VintageEvent
from models.feeds import FeedRow
from models.house import Mark, OrganisationVersion
from models.kpis import KpiRow, KpiVersion, LimitRow, Target
from models.people import Session, SignInAttempt, Token, User
from models.quality import QualityRow
from models.trail import AuditLine
from models.work import JOB_STATES, Job

__all__ = [
    "DEEDS", "JOB_STATES", "UPLOAD_STATES", "AuditLine", "Base", "CallCount", "ClosedPeriod", "ColumnRow",
    "ConnectionRow", "DatasetRow", "FeedRow", "Job", "KeptCall", "KpiRow", "KpiVersion", "LateChange", "Layout",
    "LimitRow", "Mark", "OrganisationVersion", "PlaceRow", "ProfileRow", "QualityRow", "Session", "SignInAttempt",
    "Target", "Token", "Upload", "User", "VintageEvent", "db", "public_id",
]
