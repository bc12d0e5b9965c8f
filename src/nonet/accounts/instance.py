"""What this server says of itself to anyone, and the preferences behind it."""

from typing import Any

from nonet.core import db, prefs

REGISTRATION = prefs.choice(
    "registration",
    default="open",
    options=("open", "invitation", "closed"),
    help="Who may sign up: anyone, people with an invitation, or nobody.",
)
MINIMUM_AGE = prefs.number(
    "minimum_age", default=13, low=0, high=25, help="How old someone must be to sign up, in years."
)
ADULT_AGE = prefs.number("adult_age", default=18, low=13, high=25, help="From which age someone is an adult, in years.")
NAME = prefs.text("instance_name", default="Nonet", most=60, help="What this server is called on its pages and mails.")
DESCRIPTION = prefs.text("instance_description", default="", most=500, help="What this server is for, in a few words.")

UPLOAD_PREFS = ("upload_max_bytes", "upload_max_ms")
"""Declared by a slice above; what it refuses is told here, before anyone picks a file."""


async def facts(session: db.Session) -> dict[str, Any]:
    """Return the preferences that anyone may know, by name."""
    known = await prefs.get_all(session)
    shown = {name: known[name] for name in (REGISTRATION.name, MINIMUM_AGE.name, ADULT_AGE.name)}
    named = {"name": known[NAME.name] or NAME.default, "description": known[DESCRIPTION.name]}
    return shown | named | {name: known.get(name, 0) for name in UPLOAD_PREFS}
