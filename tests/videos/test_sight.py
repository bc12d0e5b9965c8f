"""Who sees which video: every visibility, every relation, by each of the ways a condition can be asked."""

import pytest
from sqlalchemy import BigInteger, bindparam, select

import films
from community import MakeMember, Member
from nonet.accounts.tables import Account
from nonet.core import db
from nonet.moderation import labels, rules
from nonet.moderation import service as moderation
from nonet.people import privacy, relations
from nonet.videos import service as videos
from nonet.videos import sight
from nonet.videos.tables import Video

VISIBILITIES = ("public", "followers", "unlisted", "private")
OPENS = {
    # who: what of public, followers, unlisted, private they open, of an open person and of a private one
    "visitor": ("public unlisted", ""),
    "stranger": ("public unlisted", ""),
    "asking": ("public followers unlisted", ""),  # who opens lets in whoever asked
    "follower": ("public followers unlisted", "public followers unlisted"),
    "blocked": ("", ""),
    "blocker": ("", ""),
    "owner": ("public followers unlisted private", "public followers unlisted private"),
}


async def prepared(member: MakeMember, who: str, *, private: bool) -> tuple[Member, int | None]:
    """Give an owner and a viewer who stands to them as ``who`` says."""
    owner, other = await member("juno"), await member("ilse")
    async with db.transaction() as session:
        if who == "follower":
            await relations.follow(session, other.id, owner.id)
        if who == "asking" or private:
            await privacy.change(session, owner.id, {"private": True})
        if who == "asking":
            await relations.follow(session, other.id, owner.id)
            await privacy.change(session, owner.id, {"private": private})
        if who == "blocked":
            await relations.block(session, owner.id, other.id)
        if who == "blocker":
            await relations.block(session, other.id, owner.id)
    return owner, {"visitor": None, "owner": owner.id}.get(who, other.id)


async def opened(viewer_id: int | None) -> set[str]:
    """What a viewer opens, asked by a value and by a parameter, which must agree."""
    given = bindparam("viewer", type_=BigInteger)
    async with db.transaction() as session:
        by_value = set(await session.scalars(select(Video.visibility).where(videos.visible_to(viewer_id))))
        by_name = await session.scalars(select(Video.visibility).where(videos.visible_to(given)), {"viewer": viewer_id})
        assert set(by_name) == by_value
        listed = await session.scalars(select(Video.visibility).where(videos.in_lists(viewer_id)))
        assert set(listed) == by_value & {"public", "followers"}
    return by_value


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("who", OPENS)
async def test_what_a_viewer_opens_follows_from_visibility_and_relation(
    member: MakeMember, who: str, private: bool
) -> None:
    owner, viewer_id = await prepared(member, who, private=private)
    for visibility in VISIBILITIES:
        await films.film(owner.id, visibility=visibility)
    assert await opened(viewer_id) == set(OPENS[who][private].split())


async def everyone_lists(video_id: int) -> bool:
    async with db.transaction() as session:
        return await session.scalar(select(Video.id).where(Video.id == video_id, sight.listed())) is not None


async def test_a_hidden_video_stays_open_to_its_author_who_is_told(member: MakeMember) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    video_id = await films.film(juno.id)
    async with db.transaction() as session:
        await labels.put(session, "video", video_id, "hidden", 1)
    address = f"/api/v1/videos/{video_id}"
    assert (await ilse.client.get(address)).status_code == 404
    assert (await juno.client.get(address)).json()["hidden"] is True
    assert not await everyone_lists(video_id)


async def test_a_reported_video_is_hidden_from_whoever_reported_it(member: MakeMember) -> None:
    juno, ilse, marlow = await member("juno"), await member("ilse"), await member("marlow")
    video_id = await films.film(juno.id)
    async with db.transaction() as session:
        await moderation.report(
            session, ilse.id, "video", video_id, juno.id, category=next(iter(rules.CATEGORY)), text="", excerpt=""
        )
    address = f"/api/v1/videos/{video_id}"
    assert (await ilse.client.get(address)).status_code == 404
    assert (await marlow.client.get(address)).status_code == 200


async def test_a_suspended_persons_videos_are_seen_by_nobody_else(member: MakeMember) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    video_id = await films.film(juno.id)
    async with db.transaction() as session:
        (await session.get_one(Account, juno.id)).state = "suspended"
    assert (await ilse.client.get(f"/api/v1/videos/{video_id}")).status_code == 404
    assert not await everyone_lists(video_id)


@pytest.mark.parametrize(
    ("comments_from", "by_stranger", "by_follower", "by_author"),
    [("everyone", True, True, True), ("followers", False, True, True), ("nobody", False, False, False)],
)
async def test_who_may_comment_follows_the_authors_choice(
    member: MakeMember, comments_from: str, by_stranger: bool, by_follower: bool, by_author: bool
) -> None:
    juno, ilse, marlow = await member("juno"), await member("ilse"), await member("marlow")
    async with db.transaction() as session:
        await relations.follow(session, ilse.id, juno.id)
    video_id = await films.film(juno.id, comments_from=comments_from)
    for someone, may in ((marlow, by_stranger), (ilse, by_follower), (juno, by_author)):
        card = (await someone.client.get(f"/api/v1/videos/{video_id}")).json()
        assert card["may_comment"] is may
        said = await someone.client.post(f"/api/v1/videos/{video_id}/comments", json={"text": "Rain"})
        assert (said.status_code == 201) is may, said.text
