"""What /metrics shows: Prometheus counters and histograms that more than one module writes."""

from prometheus_client import Counter, Gauge, Histogram

from nonet.core import clock

SINCE = clock.machine()
"""When this process began to count."""

REQUESTS = Counter("nonet_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "nonet_request_seconds",
    "Seconds from request to the end of the answer",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15),
)
JOBS = Counter("nonet_jobs_total", "Jobs ended, by outcome", ["topic", "outcome"])
STEP_SECONDS = Counter("nonet_step_seconds_total", "Seconds spent on steps of the pipeline", ["step"])
UPLOADED = Counter("nonet_uploaded_bytes_total", "Bytes of uploads made durable")
SENT = Counter("nonet_media_bytes_total", "Bytes of media sent")
OPEN_STREAMS = Gauge("nonet_open_streams", "Event streams open")
EVENTS = Counter("nonet_events_total", "Events made durable")
