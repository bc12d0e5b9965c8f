"""What this process answered since it started, from the counters that /metrics shows."""

from collections import Counter

from nonet.core import metrics
from nonet.vitals import schemas

ITEMS_MOST = 12
REFUSED, FAILED = 400, 500


def look() -> schemas.Requests:
    """Return how many requests were answered, and which of them with a refusal or a fault."""
    counts = _counts()
    bad = {key: many for key, many in counts.items() if key[2] >= REFUSED}
    items = sorted(bad.items(), key=lambda each: (each[0][2] < FAILED, -each[1], each[0]))[:ITEMS_MOST]
    failed = sum(many for key, many in bad.items() if key[2] >= FAILED)
    return schemas.Requests(
        since=metrics.SINCE,
        answered=counts.total(),
        refused=sum(bad.values()) - failed,
        failed=failed,
        items=[schemas.Answers(method=m, route=r, status=s, count=many) for (m, r, s), many in items],
    )


def _counts() -> Counter[tuple[str, str, int]]:
    """Return how often each method, route and status was answered."""
    found: Counter[tuple[str, str, int]] = Counter()
    for family in metrics.REQUESTS.collect():
        for sample in family.samples:
            if sample.name.endswith("_total"):
                labels = sample.labels
                found[labels["method"], labels["route"], int(labels["status"])] += int(sample.value)
    return found
