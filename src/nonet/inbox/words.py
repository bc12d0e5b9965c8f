"""What a push message says and where it leads. Pure. Locked screens show it, so it repeats nothing that was written."""

from typing import Any

_SENTENCES = {
    "followed": "{who} follows you.",
    "follow_requested": "{who} asks to follow you.",
    "follow_accepted": "{who} lets you follow them.",
    "liked": "{who} likes your video.",
    "commented": "{who} commented on your video.",
    "replied": "{who} replied to you.",
    "mentioned": "{who} mentioned you.",
    "comment_liked": "{who} likes your comment.",
    "reposted": "{who} reposted your video.",
    "message": "{who} wrote to you.",
    "message_requested": "{who} wants to write to you.",
    "decided": "There is a decision about something of yours.",
    "appealed": "Your appeal was answered.",
    "export_ready": "Your archive is ready.",
    "published": "Your video is published.",
}
SOMEONE = "Someone"


def sentence(kind: str, handles: list[str], count: int) -> str:
    """Say in one sentence what happened, by whom first and how many more."""
    who = f"@{handles[0]}" if handles else SOMEONE
    if count > 1:
        who += f" and {count - 1} more"
    return _SENTENCES.get(kind, "Something happened.").format(who=who)


def address(kind: str, subject_kind: str, subject_id: int, details: dict[str, Any], handles: list[str]) -> str:
    """Return the path of the page that shows it."""
    if kind in {"followed", "follow_accepted"} and handles:
        return f"/@{handles[0]}"
    if subject_kind == "video":
        return f"/v/{subject_id}"
    if subject_kind == "comment" and str(details.get("video_id", "")).isdecimal():
        return f"/v/{details['video_id']}?comment={subject_id}"
    if subject_kind == "thread":
        return f"/messages/{subject_id}"
    return "/inbox"
