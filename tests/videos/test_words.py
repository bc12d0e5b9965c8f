"""Hashtags, mentions and the text that search compares follow the caption."""

from sqlalchemy import select

import films
from community import Drain, MakeMember
from nonet.accounts.tables import Account
from nonet.core import clock, db
from nonet.inbox.tables import Notification
from nonet.people import relations
from nonet.videos.tables import VideoMention, VideoTag


async def tags(video_id: int) -> dict[str, str]:
    async with db.transaction() as session:
        found = await session.scalars(select(VideoTag).where(VideoTag.video_id == video_id))
        return {row.tag: row.name for row in found if row.published_at is not None}


async def named(video_id: int) -> set[int]:
    async with db.transaction() as session:
        return set(await session.scalars(select(VideoMention.account_id).where(VideoMention.video_id == video_id)))


async def told(account_id: int) -> list[int]:
    async with db.transaction() as session:
        query = select(Notification.subject_id).where(
            Notification.account_id == account_id, Notification.kind == "mentioned"
        )
        return list(await session.scalars(query))


async def test_a_caption_makes_hashtags_and_mentions_and_a_changed_one_changes_them(member: MakeMember) -> None:
    juno, ilse, marlow = await member("juno"), await member("ilse"), await member("marlow")
    video_id = await films.film(juno.id, caption="#Tea and #Straße for @ilse")
    assert await tags(video_id) == {"tea": "Tea", "strasse": "Straße"}
    assert await named(video_id) == {ilse.id}
    answer = await juno.client.patch(f"/api/v1/videos/{video_id}", json={"caption": "#TEA for @Marlow and @nobody"})
    assert answer.status_code == 200
    assert await tags(video_id) == {"tea": "TEA"}
    assert await named(video_id) == {marlow.id}
    assert (await films.row(video_id)).search_text == "#tea for @marlow and @nobody"


async def test_a_draft_stands_on_no_hashtags_page(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await films.film(juno.id, caption="#tea", publish=False)
    assert await tags(video_id) == {}
    answer = await juno.client.get("/api/v1/tags/tea")
    assert answer.json() == {"tag": "tea", "name": "tea", "video_count": 0}


async def test_a_caption_has_at_most_thirty_hashtags_and_twenty_mentions(member: MakeMember) -> None:
    juno = await member("juno")
    others = [await member(f"person{n:02}") for n in range(22)]
    caption = " ".join([f"#tag{n}" for n in range(40)] + [f"@{each.handle}" for each in others])
    video_id = await films.film(juno.id, caption=caption)
    assert len(await tags(video_id)) == 30
    assert await named(video_id) == {each.id for each in others[:20]}


async def test_someone_named_is_told_once_and_only_of_what_they_may_see(member: MakeMember, drain: Drain) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    video_id = await films.film(juno.id, caption="for @ilse", visibility="private")
    await drain()
    assert await told(ilse.id) == []
    await juno.client.patch(f"/api/v1/videos/{video_id}", json={"visibility": "public"})
    await drain()
    assert await told(ilse.id) == [video_id]
    await juno.client.patch(f"/api/v1/videos/{video_id}", json={"caption": "again for @ilse"})
    await juno.client.patch(f"/api/v1/videos/{video_id}", json={"visibility": "unlisted"})
    await drain()
    assert await told(ilse.id) == [video_id]
    await juno.client.delete(f"/api/v1/videos/{video_id}")
    await drain()
    assert await told(ilse.id) == []


async def test_someone_who_blocked_the_author_is_not_named(member: MakeMember, drain: Drain) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    async with db.transaction() as session:
        await relations.block(session, ilse.id, juno.id)
    video_id = await films.film(juno.id, caption="for @ilse")
    await drain()
    assert (await named(video_id), await told(ilse.id)) == (set(), [])


async def test_what_no_database_can_keep_is_left_out_of_a_text(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await films.film(juno.id)
    answer = await juno.client.patch(
        f"/api/v1/videos/{video_id}", json={"caption": "a\x00b\x1b\nc", "alt_text": "\x00"}
    )
    assert (answer.status_code, answer.json()["caption"], answer.json()["alt_text"]) == (200, "ab\nc", "")


async def test_a_minors_video_begins_closed_to_strangers_comments(member: MakeMember) -> None:
    juno = await member("juno")
    async with db.transaction() as session:
        account = await session.get_one(Account, juno.id)
        account.birth_date = clock.now().date().replace(year=clock.now().year - 15, day=1)
    video = await films.row(await films.film(juno.id))
    assert (video.comments_from, video.duets, video.stitches) == ("followers", False, False)
