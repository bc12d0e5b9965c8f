"""Every module that declares tables, so that the metadata is whole wherever it is compared or made."""

import importlib

MODULES = (
    "nonet.core.jobs",
    "nonet.core.limits",
    "nonet.core.mail",
    "nonet.core.prefs",
    "nonet.core.virtual",
    "nonet.accounts.tables",
    "nonet.moderation.tables",
    "nonet.people.tables",
    "nonet.inbox.tables",
    "nonet.media.tables",
    "nonet.signals.tables",
    "nonet.sounds.tables",
    "nonet.videos.tables",
    "nonet.social.tables",
    "nonet.feed.tables",
    "nonet.demo.tables",
    "nonet.vitals.tables",
)


def load() -> None:
    """Import them all."""
    for name in MODULES:
        importlib.import_module(name)
