"""POST /api/v1/events: what browsers saw. A plain route, because every second of watching passes through it."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from nonet.core import clock, plain
from nonet.signals import intake, moments, reading, visitors
from nonet.signals.schemas import Batch, Kept


def add(app: FastAPI) -> None:
    """Answer at ``/api/v1/events``."""
    plain.route(
        app,
        "/api/v1/events",
        send_events,
        request=Batch,
        response=Kept,
        operation_id="send_events",
        refusals=(intake.EventsFull,),
        tags=("events",),
        decode=reading.batch,
    )


async def send_events(request: Request, read: reading.Read) -> Response:
    """Keep what a browser saw, and answer when it is durable.

    An event counts when it repeats what its card was served with. One whose id lies more than five minutes ahead or
    seven days behind is refused alone. What is sent again is kept once. A body may come as ``text/plain``, by beacon.
    Nothing is kept of a visitor who asks not to be followed, or who has not yet played anything.
    """
    told = reading.tell(read, moments.of(clock.now()))
    kept, begun = await visitors.keep(request, told)
    answer = plain.reply(Kept(len(told) if kept else 0, read.refused))
    if begun:
        visitors.remember(answer, begun)
    visitors.clear(request, answer)
    return answer
