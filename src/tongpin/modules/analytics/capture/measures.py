from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("tongpin_capture_requests_total", "Requests of SDKs answered.", ["status"])
SECONDS = Histogram(
    "tongpin_capture_seconds",
    "Time to answer an SDK, its commit included.",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
EVENTS = Counter("tongpin_capture_events_total", "Events accepted and committed.")
REFUSED = Counter(
    "tongpin_capture_refused_total", "Events, or requests with all their events, not taken.", ["reason"]
)
FORWARDED = Counter("tongpin_capture_forwarded_total", "Requests passed on to an old vendor.", ["outcome"])
WAITING = Gauge("tongpin_capture_waiting_rows", "Requests that wait for their commit in this process.")
