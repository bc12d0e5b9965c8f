"""Shapes of the demo on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field


class Demo(BaseModel):
    """The demo community of this server, as its operator sees it."""

    state: Literal["none", "filling", "complete", "removed"]
    people: int = Field(description="Accounts that are nobody's.")
    clips: int
    of: int = Field(description="How many clips there will be.")
    clock: Literal["virtual", "real"]
    now: datetime


class ClockForm(BaseModel):
    """What the clock shall show: later than now, and not later than the real time."""

    at: AwareDatetime
