"""A small community in which everything exists once for whoever may see it, and carries a mark when few may.

People stand to ``owner`` as their names say. Everything that not everybody may see says ``SECRET-`` and what it is.
"""

from dataclasses import dataclass, field
from datetime import date

import httpx
from sqlalchemy import update

from community import Browser, MakeMember, Member
from films import film, row
from nonet.accounts import service as accounts
from nonet.accounts.sessions import Person
from nonet.accounts.tables import Account, Invitation, LoginSession
from nonet.core import clock, db, ids, jobs
from nonet.inbox import service as inbox
from nonet.moderation import appeals, decisions, service
from nonet.people import following, relations
from nonet.people.tables import Profile
from nonet.social.tables import Comment, Like, Message, Playlist, PlaylistItem, Repost, Save, Thread, ThreadMember
from nonet.videos.tables import Video

ACTORS = ("visitor", "stranger", "follower", "blocked", "owner", "moderator", "operator", "suspended", "minor")
OTHERS = ("closed", "talker", "judge")
"""People whom nobody acts as: a private account, who comments, and the moderator who decided."""


@dataclass
class Town:
    """The community: browsers of the actors, and the numbers of things by their names."""

    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    things: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def open_again(self, actor: str) -> None:
        """Give an actor's browser the cookies it began with."""
        self.clients[actor].cookies.clear()
        if actor in self.tokens:
            self.clients[actor].cookies.set("nonet", self.tokens[actor], domain="localhost.local", path="/")


async def build(member: MakeMember, browser: Browser) -> Town:
    """Make the community."""
    town = Town()
    for name in (*ACTORS[1:], *OTHERS):
        role = {"moderator": "moderator", "judge": "moderator", "operator": "operator"}.get(name, "person")
        made: Member = await member(name, role=role)
        town.people[name], town.clients[name] = made.id, made.client
        town.tokens[name] = made.client.cookies["nonet"]
    town.clients["visitor"] = browser()
    await _films(town)
    await _stand(town)
    async with db.transaction() as session:
        await _said(session, town)
    async with db.transaction() as session:
        await _lists(session, town)
    async with db.transaction() as session:
        await _moderated(session, town)
    async with db.transaction() as session:
        await _belongings(session, town)
    await jobs.drain()
    return town


async def _films(town: Town) -> None:
    owner = town.people["owner"]
    shown = {"public": "public", "followers": "followers", "unlisted": "unlisted", "private": "private"}
    for name, visibility in (*shown.items(), ("hidden", "public")):
        mark = "A harbour #quay" if name == "public" else f"SECRET-{name} #quay"
        town.things[name] = await film(owner, caption=mark, visibility=visibility)
    town.things["draft"] = await film(owner, caption="SECRET-draft #quay", publish=False)
    town.things["closed"] = await film(town.people["closed"], caption="SECRET-closed #quay")
    town.things["away"] = await film(town.people["suspended"], caption="SECRET-away #quay")
    town.things["talkers"] = await film(town.people["talker"], caption="Another harbour #quay")
    town.things["strangers"] = await film(town.people["stranger"], caption="A third harbour #quay")
    town.things["upload"] = (await row(town.things["public"])).asset_id
    town.things["withheld"] = await film(owner, caption="SECRET-withheld #quay")


async def _stand(town: Town) -> None:
    """Set how people stand to each other."""
    people = town.people
    async with db.transaction() as session:
        for followed in ("owner", "closed"):
            await following.follow(session, people["follower"], people[followed])
        await following.follow(session, people["owner"], people["follower"])
        await relations.mute(session, people["owner"], "word", "secret-muted")
        session.add(Profile(account_id=people["closed"], private=True))
        await session.execute(
            update(Account).where(Account.id == people["minor"]).values(birth_date=date(clock.now().year - 14, 1, 1))
        )
    async with db.transaction() as session:
        await following.follow(session, people["talker"], people["closed"])
        await relations.block(session, people["owner"], people["blocked"])


async def _said(session: db.Session, town: Town) -> None:
    """Put comments and a conversation there."""
    people, things = town.people, town.things
    said = {
        "said": ("public", "talker", "A fine harbour", "shown"),
        "buried": ("private", "owner", "SECRET-buried", "shown"),
        "held": ("public", "talker", "SECRET-held", "held"),
        "struck": ("public", "talker", "SECRET-struck", "shown"),
    }
    for name, (video, author, text, state) in said.items():
        made = Comment(id=ids.new(), video_id=things[video], author_id=people[author], text=text, state=state)
        things[name] = made.id
        session.add(made)
    thread = Thread(id=ids.new(), made_by=people["owner"], pair=_pair(people["owner"], people["follower"]))
    message = Message(id=ids.new(), thread_id=thread.id, author_id=people["owner"], text="SECRET-message")
    thread.last_id = message.id
    things["thread"], things["message"] = thread.id, message.id
    members = [ThreadMember(thread_id=thread.id, account_id=people[name]) for name in ("owner", "follower")]
    session.add(thread)
    await session.flush()
    session.add_all([*members, message])


def _pair(one: int, other: int) -> str:
    return f"{min(one, other)}:{max(one, other)}"


async def _lists(session: db.Session, town: Town) -> None:
    """Put likes, saves, reposts and playlists there, of everything the owner has."""
    people, things = town.people, town.things
    owned = [things[name] for name in ("public", "followers", "unlisted", "private", "hidden")]
    for video_id in owned:
        for name in ("owner", "follower"):
            session.add(Like(account_id=people[name], video_id=video_id))
            session.add(Save(account_id=people[name], video_id=video_id))
        session.add(Repost(account_id=people["follower"], video_id=video_id))
    lists = {"list": ("owner", "public"), "secret_list": ("owner", "private"), "borrowed": ("talker", "public")}
    for name, (by, visibility) in lists.items():
        title = "Harbours" if visibility == "public" else "SECRET-list"
        made = Playlist(id=ids.new(), owner_id=people[by], title=title, visibility=visibility)
        things[name] = made.id
        session.add(made)
        await session.flush()
        session.add_all([PlaylistItem(playlist_id=made.id, video_id=number, place=n) for n, number in enumerate(owned)])
    things["sound"] = (await session.get_one(Video, things["public"])).sound_id or 0
    things["secret_sound"] = (await session.get_one(Video, things["private"])).sound_id or 0


async def _moderated(session: db.Session, town: Town) -> None:
    """Put cases there: one open, one decided, one appealed against, one that suspended."""
    people, things = town.people, town.things
    judge = Person(people["judge"], "judge", "moderator", 1)

    async def report(kind: str, thing: str, owner: str) -> int:
        said = {"category": "privacy", "text": "SECRET-report", "excerpt": f"SECRET-{thing}"}
        number = people[thing] if kind == "person" else things[thing]
        await service.report(session, ids.new(), kind, number, people[owner], **said)
        found = await service.queue(session, "open", None, 100)
        return next(case.id for case in found if case.subject_id == number)

    async def decide(case_id: int, action: str) -> int:
        return (await decisions.decide(session, judge, case_id, decisions.Ruling(action, "privacy", "Because"))).id

    decided = await decide(await report("video", "hidden", "owner"), "hide")
    things["decision"] = decided
    things["appealed"] = await decide(await report("video", "withheld", "owner"), "hide")
    owner = Person(people["owner"], "owner", "person", 1)
    things["appeal"] = (await appeals.make(session, owner, things["appealed"], "SECRET-appeal")).id
    things["suspension"] = await decide(await report("person", "suspended", "suspended"), "suspend")
    await decide(await report("comment", "struck", "talker"), "hide")
    things["case"] = await report("comment", "said", "talker")


async def _belongings(session: db.Session, town: Town) -> None:
    """Put what one alone has there: another session, an archive asked for, notifications, an invitation, a job."""
    people, things = town.people, town.things
    ends = clock.now().replace(year=clock.now().year + 1)
    other = LoginSession(token_hash=b"none", account_id=people["owner"], device="SECRET-device", expires_at=ends)
    invitation = Invitation(code="SECRET-invitation", made_by=people["operator"], expires_at=ends)
    session.add_all([other, invitation])
    await session.flush()
    things["session"], things["invitation"] = other.id, invitation.id
    await inbox.notify(
        session, people["owner"], "liked", actor_id=people["follower"], subject_kind="video",
        subject_id=things["public"], details={"excerpt": "SECRET-notification"},
    )  # fmt: skip
    account = await accounts.get(session, people["owner"])
    account.pending_email = "SECRET-pending@example.org"
