import os
import time

import pytest
from corpus import clip
from running import Product

from soak import soak

pytestmark = pytest.mark.product

KILLS = 25


def test_each_accepted_upload_plays_exactly_once_whatever_is_killed(product: Product) -> None:
    seed = int(os.environ.get("NONET_TEST_SEED") or time.time())
    print(f"seed {seed}")
    product.start()
    count = soak(product, clip().read_bytes(), KILLS, seed)
    product.stop()
    assert count.faults == []
    assert count.accepted, "nobody got a file through"
