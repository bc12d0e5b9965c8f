"""The page behind a share link: preview tags, and a plain player that works before, and without, any JavaScript.

Everything a person wrote is escaped here.
"""

from html import escape

from starlette.responses import HTMLResponse

from nonet.accounts import instance
from nonet.cards import schemas, service
from nonet.core import db, prefs, site, statements

TITLE_MOST = 70
DESCRIPTION_MOST = 200


async def share(session: db.Session, viewer_id: int | None, video_id: int | None) -> HTMLResponse:
    """Answer with the page of a video, or with a page of status 404 that tells nothing of it."""
    raw = await statements.raw(session)
    found = None if video_id is None else await service.one(raw, viewer_id, video_id, surface="share")
    card = schemas.Card.model_validate(found) if found else None
    name = await prefs.get(session, instance.NAME)
    if card is None:
        return site.page(f"<title>{escape(name)}</title>", _missing(), 404)
    return site.page(_head(card, name), _body(card))


def _shorten(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0] + "…"


def _head(card: schemas.Card, site_name: str) -> str:
    title = _shorten(card.caption, TITLE_MOST) or f"A video by {card.author.name}"
    description = _shorten(card.caption, DESCRIPTION_MOST) or f"{card.author.name} (@{card.author.handle})"
    shown = (card.mp4_url, str(card.width), str(card.height))
    mp4, width, height = ("", "", "") if card.sensitive else shown
    tags = [
        ("og:type", "video.other"),
        ("og:site_name", site_name),
        ("og:title", title),
        ("og:description", description),
        ("og:url", card.share_url),
        ("og:image", card.poster_url or ""),
        ("og:image:alt", card.alt_text),
        ("og:video", mp4),
        ("og:video:secure_url", mp4 if mp4.startswith("https:") else ""),
        ("og:video:type", mp4 and "video/mp4"),
        ("og:video:width", width),
        ("og:video:height", height),
        ("video:duration", str(round(card.duration_ms / 1000))),
    ]
    names = [
        ("description", description),
        ("author", card.author.name),
        ("robots", "" if card.visibility == "public" else "noindex"),
        ("twitter:card", "player" if mp4 else "summary"),
        ("twitter:title", title),
        ("twitter:description", description),
        ("twitter:image", card.poster_url or ""),
        ("twitter:player", mp4 and card.share_url),
        ("twitter:player:width", width),
        ("twitter:player:height", height),
        ("twitter:player:stream", mp4),
        ("twitter:player:stream:content_type", mp4 and "video/mp4"),
    ]
    html = [f"<title>{escape(title)} · {escape(site_name)}</title>"]
    html += [f'<meta property="{k}" content="{escape(v)}">' for k, v in tags if v]
    html += [f'<meta name="{k}" content="{escape(v)}">' for k, v in names if v]
    html.append(f'<link rel="canonical" href="{escape(card.share_url)}">')
    return "".join(html)


def _body(card: schemas.Card) -> str:
    poster = f' poster="{escape(card.poster_url)}"' if card.poster_url else ""
    preload = "none" if card.sensitive else "metadata"
    label = escape(card.alt_text or card.caption or f"A video by {card.author.name}")
    tracks = "".join(
        f'<track kind="captions" srclang="{escape(t.language)}" label="{escape(t.label or t.language)}"'
        f' src="{escape(t.url)}">'
        for t in card.captions
    )
    lang = f' lang="{escape(card.language)}"' if card.language else ""
    return (
        '<main class="plain">'
        f'<video controls playsinline preload="{preload}" width="{card.width}" height="{card.height}"'
        f' crossorigin="anonymous" aria-label="{label}"{poster} src="{escape(card.mp4_url)}">{tracks}</video>'
        f"<h1{lang}>{escape(card.caption)}</h1>"
        f'<p><a href="/@{escape(card.author.handle)}">{escape(card.author.name)}</a></p></main>'
    )


def _missing() -> str:
    return (
        '<main class="plain"><h1>There is nothing here</h1>'
        "<p>The video was removed, or it is not shared with you.</p></main>"
    )
