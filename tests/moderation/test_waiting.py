"""What waits for moderators: how much it is, and that they are told as it changes, and nobody else is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from community import MakeMember, Member
from films import film
from moderation.scenes import appeal, decide, judge, my_decisions, report, reported


async def waits(moderator: Member) -> tuple[int, int]:
    answer = await moderator.client.get("/api/v1/moderation/waiting")
    assert answer.status_code == 200, answer.text
    return answer.json()["cases"], answer.json()["appeals"]


@asynccontextmanager
async def news(who: Member, served: str) -> AsyncIterator[AsyncIterator[str]]:
    """Open someone's stream; gives the names of its events after the first."""
    cookie = {"cookie": f"nonet={who.client.cookies['nonet']}", "host": str(who.client.base_url.netloc.decode())}
    async with httpx.AsyncClient() as plain, plain.stream("GET", f"{served}/api/v1/stream", headers=cookie) as stream:
        names = (line.removeprefix("event: ") async for line in stream.aiter_lines() if line.startswith("event: "))
        async with asyncio.timeout(20):
            assert await anext(names) == "hello"
            yield names


async def test_what_waits_is_counted_until_it_is_decided(member: MakeMember) -> None:
    juno, ilse, marlow = await member("juno"), await member("ilse"), await member("marlow")
    tamsin, odile = await member("tamsin", role="moderator"), await member("odile", role="operator")
    videos = [await film(juno.id) for _ in range(2)]
    assert await waits(tamsin) == (0, 0)
    case_id = await reported(ilse, tamsin, "video", videos[0])
    await report(marlow, "video", videos[0])
    await report(marlow, "video", videos[1])
    assert await waits(odile) == (2, 0)
    await decide(tamsin, case_id, "hide")
    (decision,) = await my_decisions(juno)
    made = await appeal(juno, decision["id"])
    assert await waits(tamsin) == (1, 1)
    await judge(odile, made.json()["id"], uphold=True)
    assert await waits(tamsin) == (1, 0)


async def test_every_moderator_is_told_of_each_new_case_and_appeal(member: MakeMember, served: str) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    tamsin, odile = await member("tamsin", role="moderator"), await member("odile", role="operator")
    video_id = await film(juno.id)
    async with news(tamsin, served) as one, news(odile, served) as other:
        case_id = await reported(ilse, tamsin, "video", video_id)
        assert [await anext(each) for each in (one, other)] == ["moderation"] * 2
        await decide(tamsin, case_id, "hide")
        assert [await anext(each) for each in (one, other)] == ["moderation"] * 2
        (decision,) = await my_decisions(juno)
        await appeal(juno, decision["id"])
        assert [await anext(each) for each in (one, other)] == ["moderation"] * 2


async def test_who_does_not_moderate_is_not_told(member: MakeMember, served: str) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    tamsin = await member("tamsin", role="moderator")
    async with news(ilse, served) as heard, news(tamsin, served) as told:
        await report(ilse, "video", await film(juno.id))
        assert await anext(told) == "moderation"
        await juno.client.put("/api/v1/people/ilse/follow")
        answer = await juno.client.post("/api/v1/threads", json={"handles": ["ilse"]})
        await juno.client.post(f"/api/v1/threads/{answer.json()['id']}/messages", json={"text": "Hello"})
        assert await anext(heard) in {"inbox", "message"}
