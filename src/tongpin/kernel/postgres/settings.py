"""The settings PostgreSQL runs with: chosen for one small machine that also runs everything else."""

from __future__ import annotations

import os
import sys

# Defaults: written anew at every start, and read before local.conf, where an administrator's own settings go.
DEFAULTS = """\
# Written by Tongpin at every start. Put your own settings into local.conf beside this file.
max_connections = 100
shared_buffers = 128MB
effective_cache_size = 512MB
work_mem = 8MB
maintenance_work_mem = 64MB
max_wal_size = 512MB
min_wal_size = 64MB
wal_level = replica
max_wal_senders = 4
fsync = on
synchronous_commit = on
full_page_writes = on
jit = off
random_page_cost = 1.1
timezone = 'UTC'
password_encryption = 'scram-sha-256'
lc_messages = 'C'
# One file a weekday, emptied when its day comes round again.
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_file_mode = 0600
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
log_line_prefix = '%m [%p] '
log_timezone = 'UTC'
log_checkpoints = off
"""

# Appended once to initdb's postgresql.conf; what is read later wins.
INCLUDES = """
include_if_exists = 'tongpin.conf'   # written by Tongpin at every start
include_if_exists = 'local.conf'     # yours
"""


def defaults() -> str:
    """The text of ``tongpin.conf`` on this machine."""
    return DEFAULTS + (f"recovery_init_sync_method = {_sync_method()}\n" if sys.platform == "linux" else "")


def _sync_method() -> str:
    """How to make a whole data folder durable, after a crash and after initdb.

    One call for the disk instead of one a file (over 1,000 of them): on a busy disk half a second instead
    of five to come back. Linux before 5.8 does not report every write error that way.
    """
    release = os.uname().release.split(".")
    known = [int(part) for part in release[:2] if part.isdigit()]
    return "syncfs" if known >= [5, 8] else "fsync"


def initdb_options(major: int) -> list[str]:
    """Options that give every machine the same text rules: UTF-8, sorted by code point, independent of its
    locales.
    """
    options = ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", "--no-instructions"]
    if major >= 17:
        # Upper and lower case for all of Unicode without ICU (the build has none) and without the C
        # library's.
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if major >= 17 and sys.platform == "linux":
        options.append(f"--sync-method={_sync_method()}")
    return options


def locked_options(socket_folder: str, cluster_name: str, port: int) -> list[str]:
    """Settings no file may change: who can reach the server and how its leftovers are told apart."""
    locked = {
        "listen_addresses": "",
        "unix_socket_directories": socket_folder,
        "unix_socket_permissions": "0700",
        "port": str(port),
        "cluster_name": cluster_name,
        "update_process_title": "on",
    }
    return [word for name, value in locked.items() for word in ("-c", f"{name}={value}")]
