"""Structured logs: one JSON object a line on standard error; plain and coloured at a terminal.

No personal data: what others' words may carry (a mail server's answer, a database's complaint, the path of an
invitation) is taken out here, whoever logs it.
"""

from __future__ import annotations

import logging
import logging.config
import re
import sys
from typing import Any

import structlog

MAIL_ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")


def mask_addresses(_logger: Any, _method: str, line: str) -> str:
    """The finished line without any mail address."""
    return MAIL_ADDRESS.sub("…@…", line) if "@" in line else line


class ViewsForPaths(logging.Filter):
    """Django names the path of a request that failed, and a path may hold a secret: name the view instead."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        path = getattr(request, "path", None)
        if path and isinstance(record.args, tuple):
            match = getattr(request, "resolver_match", None)
            view = match.view_name if match else "none"
            record.args = tuple(view if part == path else part for part in record.args)
        return True


def logging_config() -> None:
    """Route standard logging and structlog through one formatter."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    people = sys.stderr.isatty()
    last: Any = (
        structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        *([] if people else [structlog.processors.format_exc_info]),
                        last,
                        mask_addresses,
                    ],
                }
            },
            "filters": {"views": {"()": ViewsForPaths}},
            "handlers": {
                "stderr": {"class": "logging.StreamHandler", "formatter": "structured", "filters": ["views"]}
            },
            "root": {"handlers": ["stderr"], "level": "INFO"},
            "loggers": {
                "django.request": {"level": "ERROR"},
                "uvicorn.access": {"level": "WARNING"},
                "procrastinate": {"level": "WARNING"},
            },
        }
    )
