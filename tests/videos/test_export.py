"""What an archive holds of videos."""

import films
from community import MakeMember
from nonet.core import db
from nonet.media import tracks
from nonet.sounds import service as sounds
from nonet.videos import export


async def test_an_archive_holds_what_a_person_wrote_and_chose_and_nothing_of_others(member: MakeMember) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    video_id = await films.film(juno.id, caption="Rain #Tea", visibility="private", language="en", alt_text="A window")
    draft = await films.film(juno.id, caption="Not yet", publish=False, audio=False)
    await films.film(ilse.id, caption="Hers #cake")
    video = await films.row(video_id)
    async with db.transaction() as session:
        track = tracks.make(video.asset_id, "en", "written", "WEBVTT\n\n00:00.000 --> 00:01.000\nRain\n")
        await tracks.record(session, track)
    async with db.transaction() as session:
        rows = [each async for each in export.export(session, juno.id)]
        rows += [each async for each in sounds.export(session, juno.id)]
    by_list: dict[str, list[dict[str, object]]] = {}
    for name, row in rows:
        by_list.setdefault(name, []).append(row)
    first, second = by_list["videos"]
    assert (first["id"], first["caption"], first["visibility"]) == (str(video_id), "Rain #Tea", "private")
    assert (first["language"], first["alt_text"], first["duets"]) == ("en", "A window", True)
    assert (second["id"], second["state"], second["published_at"]) == (str(draft), "draft", None)
    assert by_list["hashtags"] == [{"video_id": str(video_id), "name": "Tea"}]
    assert "Rain" in str(by_list["captions"][0]["vtt"])
    assert [row["id"] for row in by_list["sounds"]] == [str(video.sound_id)]
