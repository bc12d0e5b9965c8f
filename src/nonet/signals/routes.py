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
    sent = visitors.sender(request, told)
    begun = None
    if sent.token_hash is None and sent.visitor is None:
        begun = sent.visitor = await visitors.begin(request, told)
    if sent.token_hash is not None or sent.visitor is not None:
        await intake.take(sent)
    answer = plain.reply(Kept(len(told) if sent.viewer else 0, read.refused))
    if begun is not None and sent.viewer:
        visitors.remember(answer, begun)
    elif visitors.cookie_name() in request.cookies and visitors.unwanted(request):
        visitors.forget(answer)
    return answer
