"""Structured logs: one JSON object a line, into a rotated file of the role; no token, mail address or caption in them.

Whoever logs names ids, codes and figures; ``_scrub`` drops what must never be there should someone forget.
"""

import logging
import logging.handlers
import re
import sys
from typing import TYPE_CHECKING, Any

import structlog

from nonet.core import settings

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

FILE_BYTES = 10 * 1024 * 1024
FILES = 5
_FORBIDDEN = {"token", "password", "email", "mail", "caption", "cookie", "authorization", "link"}
_ADDRESS = re.compile(r"[^\s@'\"<>]+@[^\s@'\"<>]+\.[a-z]{2,}", re.IGNORECASE)
_TOKEN = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")
"""Our tokens are 32 random bytes in base64url: 43 letters."""


def _scrub(_: "WrappedLogger", __: str, event: "EventDict") -> "EventDict":
    return {key: "(hidden)" if key in _FORBIDDEN else clean(value) for key, value in event.items()}


def clean(value: object) -> object:
    """Return a value without what looks like a mail address or one of our tokens."""
    if isinstance(value, str):
        return _TOKEN.sub("(token)", _ADDRESS.sub("(address)", value))
    return value


def _short_trace(_: "WrappedLogger", __: str, event: "EventDict") -> "EventDict":
    """Keep a traceback's text but not the SQL parameters that database errors carry in theirs."""
    if "exception" in event:
        event["exception"] = re.sub(r"\[parameters: .*?\]\n", "[parameters hidden]\n", str(event["exception"]))
    return event


def start(role: str) -> None:
    """Send this process's logs to DATA/logs/<role>.log and errors to standard error too; or all of them there."""
    config = settings.load()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _short_trace,
        _scrub,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
    )
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if config.log_to == "files":
        handlers[0].setLevel(logging.ERROR)
        path = config.folder("logs") / f"{role}.log"
        handlers.append(logging.handlers.RotatingFileHandler(path, maxBytes=FILE_BYTES, backupCount=FILES, delay=True))
    root = logging.getLogger()
    root.handlers.clear()
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    root.setLevel(config.log_level.upper())
    for noisy in ("uvicorn.access", "asyncio", "PIL", "sqlalchemy.engine"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logger: Any = structlog.get_logger(role)
    logger.debug("log.started")
