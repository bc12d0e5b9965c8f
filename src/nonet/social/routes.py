"""Every route of what people do together."""

from fastapi import APIRouter

from nonet.social import act_routes, comment_routes, message_routes, playlist_routes

router = APIRouter()
for each in (act_routes, comment_routes, playlist_routes, message_routes):
    router.include_router(each.router)
