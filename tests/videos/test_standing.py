"""What follows from a video being seen by more or fewer people: addresses, feeds, the number on a profile."""

from dataclasses import dataclass

from sqlalchemy import select

import films
from community import Drain, MakeMember
from nonet.accounts import service as accounts
from nonet.core import db, jobs
from nonet.media.tables import Asset
from nonet.moderation import labels
from nonet.people import privacy, relations
from nonet.people.tables import FollowCount
from nonet.signals.tables import Subject
from nonet.sounds.tables import Sound
from nonet.videos.tables import Video, VideoMention


@dataclass
class Standing:
    listed: bool
    public: bool
    folder_key: str


async def standing(video_id: int) -> Standing:
    async with db.transaction() as session:
        subject = await session.get_one(Subject, video_id)
        video = await session.get_one(Video, video_id)
        asset = await session.get_one(Asset, video.asset_id)
        return Standing(subject.listed, asset.public, asset.folder_key)


async def profile_count(account_id: int) -> int:
    async with db.transaction() as session:
        found = await session.get(FollowCount, account_id)
        return found.videos if found else 0


async def test_a_public_video_is_listed_and_tells_the_log_what_it_is(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await films.film(juno.id, caption="#tea", language="en", duration_ms=7000)
    async with db.transaction() as session:
        known = await session.get_one(Subject, video_id)
        assert (known.owner_id, known.duration_ms, known.tags, known.language) == (juno.id, 7000, ["tea"], "en")
        assert known.sound_id == (await session.get_one(Video, video_id)).sound_id
    assert (await standing(video_id)).public


async def test_closing_a_person_closes_all_their_videos_and_opening_opens_them(
    member: MakeMember, drain: Drain
) -> None:
    juno = await member("juno")
    made = [await films.film(juno.id) for _ in range(3)]
    unlisted = await films.film(juno.id, visibility="unlisted")
    before = [await standing(each) for each in made]
    for private, count in ((True, 3), (False, 3)):
        async with db.transaction() as session:
            await privacy.change(session, juno.id, {"private": private})
        await drain()
        assert [(s.listed, s.public) for s in [await standing(each) for each in made]] == [(not private,) * 2] * 3
        assert (await standing(unlisted)).public is False
        assert await profile_count(juno.id) == count
    after = [await standing(each) for each in made]
    assert all(old.folder_key != new.folder_key for old, new in zip(before, after, strict=True))


async def test_blocking_someone_ends_the_addresses_they_were_given(member: MakeMember, drain: Drain) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    followers, public = await films.film(juno.id, visibility="followers"), await films.film(juno.id)
    before = await standing(followers), await standing(public)
    async with db.transaction() as session:
        await relations.block(session, juno.id, ilse.id)
    await drain()
    assert (await standing(followers)).folder_key != before[0].folder_key
    assert (await standing(public)).folder_key == before[1].folder_key


async def test_suspension_takes_videos_out_of_feeds_and_its_end_puts_them_back(
    member: MakeMember, drain: Drain
) -> None:
    juno = await member("juno")
    video_id = await films.film(juno.id)
    async with db.transaction() as session:
        await accounts.suspend(session, juno.id)
    await drain()
    assert ((await standing(video_id)).listed, (await standing(video_id)).public) == (False, False)
    async with db.transaction() as session:
        await accounts.reinstate(session, juno.id)
    await drain()
    assert ((await standing(video_id)).listed, (await standing(video_id)).public) == (True, True)


async def test_a_hidden_video_leaves_feeds_and_a_restored_one_comes_back(member: MakeMember, drain: Drain) -> None:
    juno = await member("juno")
    video_id = await films.film(juno.id)
    async with db.transaction() as session:
        await labels.put(session, "video", video_id, "hidden", 1)
    await drain()
    assert ((await standing(video_id)).listed, await profile_count(juno.id)) == (False, 0)
    async with db.transaction() as session:
        await labels.take_off(session, "video", video_id, "hidden")
    await drain()
    assert ((await standing(video_id)).listed, await profile_count(juno.id)) == (True, 1)


async def test_the_number_on_a_profile_follows_publishing_visibility_and_deletion(member: MakeMember) -> None:
    juno = await member("juno")
    made = [await films.film(juno.id) for _ in range(3)]
    await films.film(juno.id, visibility="unlisted")
    await films.film(juno.id, publish=False)
    assert await profile_count(juno.id) == 3
    await juno.client.patch(f"/api/v1/videos/{made[0]}", json={"visibility": "private"})
    await juno.client.delete(f"/api/v1/videos/{made[1]}")
    await juno.client.patch(f"/api/v1/videos/{made[2]}", json={"visibility": "followers"})
    assert await profile_count(juno.id) == 1


async def test_a_deleted_video_leaves_nothing_of_itself(member: MakeMember, drain: Drain) -> None:
    juno = await member("juno")
    video_id = await films.film(juno.id, caption="#tea")
    video = await films.row(video_id)
    await juno.client.delete(f"/api/v1/videos/{video_id}")
    await drain()
    async with db.transaction() as session:
        for table, key in ((Video, video_id), (Asset, video.asset_id), (Subject, video_id), (Sound, video.sound_id)):
            assert await session.get(table, key) is None


async def test_whoever_is_gone_leaves_no_video(member: MakeMember, drain: Drain) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    made, other = [await films.film(juno.id) for _ in range(3)], await films.film(ilse.id, caption="with @juno")
    sound_id = (await films.row(made[0])).sound_id
    async with db.transaction() as session:
        (await session.get_one(Video, other)).sound_id = sound_id
    await films.film(juno.id, publish=False)
    async with db.transaction() as session:
        await jobs.enqueue(session, "account.deleted", {"account_id": str(juno.id)})
    await drain()
    async with db.transaction() as session:
        assert [await session.get(Video, each) for each in made] == [None] * 3
        assert await session.get(Video, other) is not None
        assert list(await session.scalars(select(VideoMention).where(VideoMention.video_id == other))) == []
    page = (await ilse.client.get(f"/api/v1/sounds/{sound_id}")).json()
    assert (page["author"], page["video_count"]) == (None, 1)
