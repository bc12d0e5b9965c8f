"""Every slice's handlers of jobs, loaded by each process that enqueues or runs them."""

import importlib

JOBS = (
    "nonet.core.mail",
    "nonet.core.upkeep",
    "nonet.accounts.jobs",
    "nonet.moderation.jobs",
    "nonet.people.jobs",
    "nonet.inbox.jobs",
    "nonet.media.jobs",
    "nonet.signals.jobs",
    "nonet.sounds.jobs",
    "nonet.videos.jobs",
    "nonet.social.jobs",
    "nonet.cards.decisions_jobs",
    "nonet.feed.jobs",
    "nonet.vitals.jobs",
    "nonet.export",
)


def load() -> None:
    """Import every slice's handlers, so that a topic enqueued anywhere finds them."""
    for name in JOBS:
        importlib.import_module(name)
