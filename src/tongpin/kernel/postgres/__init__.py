"""The embedded PostgreSQL: a real server, run by ourselves from the programs in a wheel. See README.md."""

from .access import DATABASE, SUPERUSER
from .cluster import Cluster
from .errors import PostgresError
from .launcher import command_for
from .lock import FolderHeld, FolderLock, holder

__all__ = [
    "DATABASE",
    "SUPERUSER",
    "Cluster",
    "FolderHeld",
    "FolderLock",
    "PostgresError",
    "command_for",
    "holder",
]
