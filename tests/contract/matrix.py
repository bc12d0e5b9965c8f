"""Who may do what: every call of the API by its operation, whom it lets in, and with what it is tried.

``who`` is a rule from an actor, and for calls about one thing from who sees or has that thing, to the class of answer:
``in``, ``sign_in`` (sign_in_needed), ``no`` (not_allowed), ``gone`` (not_found) or ``suspended``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from contract.town import ACTORS

Rule = Callable[[str, str], str]
"""``rule(actor, thing)`` gives the class of answer."""

EVERYONE = frozenset(ACTORS) - {"suspended"}
UNBLOCKED = EVERYONE - {"blocked"}
SEES: dict[str, frozenset[str]] = {
    "public": UNBLOCKED,
    "unlisted": UNBLOCKED,
    "followers": frozenset({"owner", "follower"}),
    **dict.fromkeys(("private", "hidden", "draft"), frozenset({"owner"})),
    "closed": frozenset({"follower"}),
    "away": frozenset(),
    "said": UNBLOCKED,
    **dict.fromkeys(("buried", "held"), frozenset({"owner"})),
    "struck": frozenset(),
    "list": UNBLOCKED,
    "secret_list": frozenset({"owner"}),
    "sound": UNBLOCKED,
    "borrowed": EVERYONE,
    "upload": frozenset({"owner"}),
    "@owner": UNBLOCKED,
    "@closed": EVERYONE,
    "@suspended": frozenset(),
    "message": frozenset({"owner", "follower"}),
}
"""Who sees each thing of the town."""
OWNED = {"upload", "public", "unlisted", "followers", "private", "hidden", "draft", "list", "secret_list", "sound"}

VIDEOS = ("public", "unlisted", "followers", "private", "hidden", "draft", "closed", "away")
COMMENTS = ("said", "buried", "held", "struck")
LISTS = ("list", "secret_list", "borrowed")
PEOPLE = ("@owner", "@closed", "@suspended")


def anyone(actor: str, thing: str) -> str:
    _ = actor, thing
    return "in"


def reader(actor: str, thing: str) -> str:
    """Anyone; the API tells someone suspended that they are."""
    _ = thing
    return "suspended" if actor == "suspended" else "in"


def signed(actor: str, thing: str) -> str:
    return "sign_in" if actor == "visitor" else reader(actor, thing)


def even_suspended(actor: str, thing: str) -> str:
    _ = thing
    return "sign_in" if actor == "visitor" else "in"


def sees(actor: str, thing: str) -> str:
    if actor == "suspended":
        return "suspended"
    return "in" if actor in SEES[thing] else "gone"


def signed_sees(actor: str, thing: str) -> str:
    return "sign_in" if actor == "visitor" else sees(actor, thing)


def owns(actor: str, thing: str) -> str:
    if actor in {"visitor", "suspended"}:
        return signed(actor, thing)
    return "in" if actor == "owner" and thing in OWNED else "gone"


def of_people(*names: str) -> Rule:
    """Let some in, and tell everyone else that there is nothing."""

    def rule(actor: str, thing: str) -> str:
        if actor in {"visitor", "suspended"}:
            return signed(actor, thing)
        return "in" if actor in names else "gone"

    return rule


def roles(*names: str) -> Rule:
    def rule(actor: str, thing: str) -> str:
        if actor in {"visitor", "suspended"}:
            return signed(actor, thing)
        return "in" if actor in names else "no"

    return rule


def mine_alone(actor: str, thing: str) -> str:
    """What ``owner`` has, asked for by a route that is open to the suspended."""
    _ = thing
    if actor == "visitor":
        return "sign_in"
    return "in" if actor == "owner" else "gone"


def nobodys(actor: str, thing: str) -> str:
    """Something that isn't there, by a route that is open to the suspended."""
    _ = thing
    return "sign_in" if actor == "visitor" else "gone"


def nothing(actor: str, thing: str) -> str:
    """Something that isn't there."""
    _ = thing
    return "suspended" if actor == "suspended" else "gone"


def signed_nothing(actor: str, thing: str) -> str:
    """Something that isn't there, for who is signed in."""
    return signed(actor, thing) if actor in {"visitor", "suspended"} else "gone"


moderators, operators = roles("moderator", "operator"), roles("operator")
in_thread = of_people("owner", "follower")


@dataclass(frozen=True)
class Call:
    """How a call is tried: about which things, with what; ``says`` are refusals that tell that one was let in."""

    who: Rule
    things: tuple[str, ...] = ("",)
    json: Any = None
    content: bytes | None = None
    query: dict[str, str] = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    says: frozenset[str] = frozenset()


def call(who: Rule, *things: str, says: str = "", **more: Any) -> Call:
    return Call(who, things or ("",), says=frozenset(says.split()), **more)


PASSWORD = "violet harbour rain"
RULING = {"action": "keep", "rule": "privacy", "statement": "Because"}
TUS = {"tus-resumable": "1.0.0"}
TEXT = {"content-type": "text/vtt"}
PICTURE = {"content-type": "image/png"}
PUSH = {"endpoint": "https://push.example.org/1", "keys": {"p256dh": "x", "auth": "x"}}

CALLS: dict[str, Call] = {
    # accounts
    "get_instance": call(anyone),
    "list_rules": call(anyone),
    "check_handle": call(reader, path={"handle": "newcomer"}),
    "sign_up": call(anyone, json={"handle": "owner", "email": "a@example.org", "password": PASSWORD,
                                  "birth_date": "1990-05-17"}, says="handle_taken"),
    "sign_in": call(anyone, json={"login": "owner", "password": "not this"}, says="wrong_credentials"),
    "sign_out": call(anyone),
    "request_password_reset": call(anyone, json={"login": "nobody"}),
    "reset_password": call(anyone, path={"token": "x"}, json={"password": PASSWORD}, says="link_invalid"),
    "verify_email": call(anyone, path={"token": "x"}, says="link_invalid"),
    "set_up": call(signed, path={"token": "x"}, says="link_invalid"),
    "get_session": call(anyone),
    "get_me": call(even_suspended),
    "leave": call(even_suspended, json={"password": "not this"}, says="wrong_password operator_needed"),
    "ask_for_export": call(even_suspended),
    "list_exports": call(even_suspended),
    "fetch_export": call(nobodys, path={"export_id": "1"}),
    "list_sessions": call(signed),
    "end_session": call(of_people("owner"), path={"session_id": "session"}),
    "end_other_sessions": call(signed),
    "change_password": call(signed, json={"current": "not this", "password": PASSWORD}, says="wrong_password"),
    "change_email": call(signed, json={"password": "not this", "email": "b@example.org"}, says="wrong_password"),
    "send_verification": call(signed),
    "change_handle": call(signed, json={"handle": "stranger"}, says="handle_taken"),
    "open_stream": call(signed),
    # operators
    "list_outbox": call(operators),
    "get_health": call(operators),
    "get_demo": call(operators),
    "move_clock": call(operators, json={"at": "2026-11-22T15:20:00Z"}, says="clock_sealed"),
    "list_jobs": call(operators),
    "retry_job": call(lambda actor, thing: "gone" if actor == "operator" else operators(actor, thing),
                      path={"job_id": "1"}),
    "list_prefs": call(operators),
    "change_prefs": call(operators, json={}),
    "make_invitation": call(operators, json={}),
    "list_invitations": call(operators),
    "end_invitation": call(operators, path={"invitation_id": "invitation"}),
    "give_role": call(operators, path={"handle": "talker"}, json={"role": "moderator"}),
    # moderation
    "make_report": call(signed_sees, *VIDEOS, json={"kind": "video", "id": "{thing}", "category": "hate"},
                        says="report_own"),
    "count_waiting": call(moderators),
    "list_cases": call(moderators),
    "read_case": call(moderators, path={"case_id": "case"}),
    "claim_case": call(moderators, path={"case_id": "case"}),
    "decide_case": call(moderators, path={"case_id": "case"}, json=RULING),
    "list_appeals": call(moderators),
    "decide_appeal": call(moderators, path={"appeal_id": "appeal"}, json={"uphold": True, "statement": "Because"}),
    "list_audit": call(operators),
    "list_my_decisions": call(even_suspended),
    "appeal_decision": call(mine_alone, path={"decision_id": "decision"}, json={"text": "No"}),
    # people
    "get_person": call(sees, *PEOPLE),
    "change_profile": call(signed, json={"bio": "Hello"}),
    "put_avatar": call(signed, content=b"no picture", headers=PICTURE, says="picture_unreadable"),
    "delete_avatar": call(signed),
    "get_privacy": call(signed),
    "change_privacy": call(signed, json={}),
    "follow": call(signed_sees, *PEOPLE, says="not_yourself"),
    "unfollow": call(signed, *PEOPLE, says="not_yourself"),
    "remove_follower": call(signed, *PEOPLE, says="not_yourself"),
    "block": call(signed, *PEOPLE, says="not_yourself"),
    "unblock": call(signed, *PEOPLE, says="not_yourself"),
    "mute_person": call(signed, *PEOPLE, says="not_yourself"),
    "unmute_person": call(signed, *PEOPLE, says="not_yourself"),
    "restrict": call(signed, *PEOPLE, says="not_yourself"),
    "unrestrict": call(signed, *PEOPLE, says="not_yourself"),
    "list_followers": call(sees, "@owner", "@suspended"),
    "list_following": call(sees, "@owner", "@suspended"),
    "list_requests": call(signed),
    "accept_request": call(signed_nothing, path={"account_id": "1"}),
    "decline_request": call(signed_nothing, path={"account_id": "1"}),
    "list_blocks": call(signed),
    "list_restrictions": call(signed),
    "list_mutes": call(signed),
    "mute": call(signed, path={"kind": "word", "value": "fog"}),
    "unmute": call(signed, path={"kind": "word", "value": "fog"}),
    # inbox
    "read_inbox": call(signed),
    "mark_inbox_read": call(signed, json={"up_to": "1"}),
    "count_unread": call(signed),
    "get_push_key": call(anyone),
    "get_push_choices": call(signed),
    "choose_push": call(signed, json={"quiet": []}),
    "subscribe_to_push": call(signed, json=PUSH, says="push_invalid invalid"),
    "unsubscribe_from_push": call(signed, json={"endpoint": "https://push.example.org/1"}),
    # media
    "describe_uploads": call(anyone),
    "begin_upload": call(signed, headers=TUS | {"upload-length": "9"}),
    "read_upload_offset": call(owns, "upload", says="410", headers=TUS),
    "continue_upload": call(owns, "upload", content=b"x", says="wrong_offset upload_ended upload_expired",
                            headers=TUS | {"upload-offset": "0", "content-type": "application/offset+octet-stream"}),
    "end_upload": call(owns, "upload", headers=TUS, says="upload_expired"),
    "read_upload": call(owns, "upload"),
    "write_draft": call(owns, "upload", json={}),
    "retry_step": call(signed_nothing, *VIDEOS, path={"step": "cover"}),
    "list_captions": call(sees, *VIDEOS),
    "read_captions": call(nothing, *VIDEOS),
    "write_captions": call(owns, *VIDEOS, content=b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n", headers=TEXT),
    "delete_captions": call(signed_nothing, *VIDEOS),
    "pick_cover": call(owns, *VIDEOS, json={"at_ms": 0}),
    "put_cover": call(owns, *VIDEOS, content=b"no picture", headers=PICTURE, says="picture_unreadable"),
    # videos and cards
    "read_video": call(sees, *VIDEOS),
    "list_videos": call(reader, query={"ids": "{every_video}"}),
    "edit_video": call(owns, *VIDEOS, json={"caption": "SECRET-edited"}),
    "delete_video": call(owns, *VIDEOS),
    "publish_video": call(owns, *VIDEOS),
    "pin_video": call(owns, *VIDEOS, says="not_published"),
    "unpin_video": call(owns, *VIDEOS),
    "list_my_videos": call(signed),
    "list_my_likes": call(signed),
    "list_my_saves": call(signed),
    "list_my_history": call(signed),
    "clear_my_history": call(signed),
    "list_person_videos": call(sees, *PEOPLE),
    "list_person_reposts": call(sees, *PEOPLE),
    "list_person_playlists": call(sees, *PEOPLE),
    "read_tag": call(anyone, path={"tag": "quay"}),
    "list_tag_videos": call(reader, path={"tag": "quay"}),
    "read_sound": call(sees, "sound"),
    "list_sound_videos": call(sees, "sound"),
    "rename_sound": call(owns, "sound", json={"title": "Bells"}),
    "search_people": call(reader, query={"q": "owner"}),
    "search_tags": call(anyone, query={"q": "quay"}),
    "search_videos": call(reader, query={"q": "quay"}),
    "discover": call(reader),
    # signals and feed: the two hot paths take someone suspended for a visitor
    "send_events": call(anyone, json={"events": []}),
    "read_feed": call(anyone, json={"kind": "for_you"}),
    "read_why": call(nothing,
                     path={"request_id": "1", "position": "0"}),
    "refuse": call(signed_sees, *VIDEOS, json={"kind": "video", "id": "{thing}"}),
    "take_refusal_back": call(signed, *VIDEOS, json={"kind": "video", "id": "{thing}"}),
    "read_feed_choice": call(signed),
    "change_feed_choice": call(signed, json={"personal": False}),
    # social
    "like_video": call(signed_sees, *VIDEOS),
    "unlike_video": call(signed_sees, *VIDEOS),
    "save_video": call(signed_sees, *VIDEOS),
    "unsave_video": call(signed_sees, *VIDEOS),
    "repost_video": call(signed_sees, *VIDEOS, says="not_for_reposts"),
    "unrepost_video": call(signed_sees, *VIDEOS),
    "share_video": call(sees, *VIDEOS, says="not_for_shares"),
    "list_comments": call(sees, *VIDEOS),
    "write_comment": call(signed_sees, *VIDEOS, json={"text": "SECRET-written"}, says="comments_closed"),
    "list_replies": call(sees, *COMMENTS),
    "delete_comment": call(of_people("owner"), "said", "buried", "held"),
    "like_comment": call(signed_sees, *COMMENTS, says="not_for_likes"),
    "unlike_comment": call(signed_sees, *COMMENTS),
    "pin_comment": call(of_people("owner"), "said", "buried", says="not_for_pins"),
    "unpin_comment": call(of_people("owner"), "said", "buried"),
    "show_comment": call(of_people("owner"), "held"),
    "list_my_playlists": call(signed),
    "make_playlist": call(signed, json={"title": "Cranes"}),
    "read_playlist": call(sees, *LISTS),
    "list_playlist_videos": call(sees, *LISTS),
    "change_playlist": call(owns, *LISTS, json={"title": "SECRET-renamed"}),
    "delete_playlist": call(owns, *LISTS),
    "order_playlist": call(owns, *LISTS, json={"video_ids": []}),
    "add_to_playlist": call(owns, *LISTS, path={"video_id": "public"}),
    "take_from_playlist": call(owns, *LISTS, path={"video_id": "public"}),
    "list_threads": call(signed),
    "open_thread": call(signed, json={"handles": ["talker"]}, says="messages_closed follow_first"),
    "read_thread": call(in_thread, path={"thread_id": "thread"}),
    "name_thread": call(in_thread, path={"thread_id": "thread"}, json={"title": "SECRET-title"}, says="not_a_group"),
    "add_to_thread": call(in_thread, path={"thread_id": "thread"}, json={"handles": ["talker"]}, says="not_a_group"),
    "leave_thread": call(in_thread, path={"thread_id": "thread"}),
    "accept_thread": call(in_thread, path={"thread_id": "thread"}),
    "mute_thread": call(in_thread, path={"thread_id": "thread"}),
    "unmute_thread": call(in_thread, path={"thread_id": "thread"}),
    "list_messages": call(in_thread, path={"thread_id": "thread"}),
    "send_message": call(in_thread, path={"thread_id": "thread"}, json={"text": "SECRET-sent"}),
    "read_messages": call(in_thread, path={"thread_id": "thread"}, json={"up_to": "1"}),
    "delete_message": call(of_people("owner"), path={"message_id": "message"}),
}  # fmt: skip

ALLOWED: dict[str, frozenset[str]] = {
    "SECRET-followers": frozenset({"owner", "follower"}),
    "SECRET-closed": frozenset({"follower"}),
    "SECRET-message": frozenset({"owner", "follower"}),
    "SECRET-sent": frozenset({"owner", "follower"}),
    "SECRET-away": frozenset({"suspended"}),
    "SECRET-suspended": frozenset({"suspended"}),
    "SECRET-struck": frozenset(),
    "SECRET-report": frozenset(),
    "SECRET-invitation": frozenset({"operator"}),
    "SECRET-written": EVERYONE,
    "$argon2": frozenset(),
}
"""Who may read each mark anywhere; what isn't here is for ``owner`` alone."""
BY_ADDRESS = {"list_videos", "list_my_likes", "list_my_saves"}
"""Calls that show an unlisted video to who has its address, and did something with it."""
IN_CASES = {"list_cases", "read_case", "decide_case", "claim_case", "list_appeals", "decide_appeal"}
"""Calls by which moderators read what else they wouldn't."""


def may_read(mark: str, actor: str, operation: str, thing: str) -> bool:
    """Tell whether a mark may stand in what an actor is answered."""
    if actor in ALLOWED.get(mark, frozenset({"owner"})):
        return True
    if mark == "SECRET-unlisted":
        return operation in BY_ADDRESS or (thing in {"unlisted", "list"} and sees(actor, thing) == "in")
    if operation in IN_CASES:
        return actor in {"moderator", "operator"}
    return operation == "list_outbox" and actor == "operator"
