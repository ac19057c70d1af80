"""Sources and their keys; events that wait for the store; who is who; the catalogue."""

from tongpin.modules.analytics.models.alert import Alert, DeletedAlert, Firing
from tongpin.modules.analytics.models.arrival import Arrival
from tongpin.modules.analytics.models.batch import Batch, ParkedArrival
from tongpin.modules.analytics.models.catalogue import EventDay, EventName, EventProperty, LeftOut
from tongpin.modules.analytics.models.dashboard import Dashboard, DashboardLink, DeletedDashboard, Tile
from tongpin.modules.analytics.models.event_file import EventFile
from tongpin.modules.analytics.models.event_import import EventImport, RefusedRow
from tongpin.modules.analytics.models.identity import DistinctId, IdLink
from tongpin.modules.analytics.models.insight import DeletedInsight, Insight
from tongpin.modules.analytics.models.kept_answer import KeptAnswer
from tongpin.modules.analytics.models.note import DeletedNote, MarkerChoice, Note
from tongpin.modules.analytics.models.privacy import Erasure, Export, ExportPiece, Tombstone
from tongpin.modules.analytics.models.profile import Customer, PersonalLook
from tongpin.modules.analytics.models.salt import DaySalt
from tongpin.modules.analytics.models.segment import DeletedSegment, Segment, SegmentSize
from tongpin.modules.analytics.models.sighting import Sighting
from tongpin.modules.analytics.models.source import DeletedSource, Source, SourceKey

__all__ = [
    "Alert",
    "Arrival",
    "Batch",
    "Customer",
    "Dashboard",
    "DashboardLink",
    "DaySalt",
    "DeletedAlert",
    "DeletedDashboard",
    "DeletedInsight",
    "DeletedNote",
    "DeletedSegment",
    "DeletedSource",
    "DistinctId",
    "Erasure",
    "EventDay",
    "EventFile",
    "EventImport",
    "EventName",
    "EventProperty",
    "Export",
    "ExportPiece",
    "Firing",
    "IdLink",
    "Insight",
    "KeptAnswer",
    "LeftOut",
    "MarkerChoice",
    "Note",
    "ParkedArrival",
    "PersonalLook",
    "RefusedRow",
    "Segment",
    "SegmentSize",
    "Sighting",
    "Source",
    "SourceKey",
    "Tile",
    "Tombstone",
]
