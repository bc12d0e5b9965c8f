from collections.abc import Awaitable, Callable
from typing import Any

import httpx

import films
from nonet.cards import schemas, service
from nonet.core import db, statements

Join = Callable[..., Awaitable[Any]]


async def card(viewer_id: int | None, video_id: int) -> dict[str, Any]:
    async with db.transaction() as session:
        (found,) = await service.cards(await statements.raw(session), viewer_id, [video_id], surface="test")
    return found


async def test_a_card_has_exactly_the_shape_that_is_documented(member: Join) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    video_id = await films.film(juno.id, caption="#Tea for @ilse", language="en", alt_text="A cup")
    for viewer in (None, juno.id, ilse.id):
        found = await card(viewer, video_id)
        assert schemas.Card.model_validate(found).model_dump(mode="json") == found


async def test_what_the_api_answers_is_the_card(member: Join, client: httpx.AsyncClient) -> None:
    juno = await member("juno")
    video_id = await films.film(juno.id)
    answered = (await client.get(f"/api/v1/videos/{video_id}")).json()
    found = await card(None, video_id)
    assert {k: v for k, v in answered.items() if k != "served"} == {k: v for k, v in found.items() if k != "served"}
