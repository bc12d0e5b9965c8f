import httpx
import pytest
from corpus import clip
from person import Person
from running import Product

import seaweed

pytestmark = [pytest.mark.product, pytest.mark.s3]


def test_a_video_goes_from_upload_to_playing_with_every_object_in_s3(product: Product) -> None:
    product.start(
        NONET_STORAGE_URL=f"s3://{seaweed.BUCKET}/product",
        NONET_S3_ENDPOINT=seaweed.server().endpoint,
        NONET_S3_ACCESS_KEY=seaweed.ACCESS_KEY,
        NONET_S3_SECRET_KEY=seaweed.SECRET_KEY,
    )
    person = Person(product.address, handle="pailplays")
    person.sign_up()
    video = person.wait(person.upload(clip().read_bytes(), caption="In a pail"), "complete", "failed")
    assert video["upload"]["state"] == "complete", video["upload"]
    whole = httpx.get(video["card"]["mp4_url"])
    assert whole.status_code == 200
    part = httpx.get(video["card"]["mp4_url"], headers={"Range": "bytes=100-299"})
    assert (part.status_code, part.content) == (206, whole.content[100:300])
    assert not list((product.data_dir / "objects").rglob("*.mp4"))
    person.http.close()
    product.stop()
