from __future__ import annotations

from prometheus_client import Counter, Gauge

STREAMS = Gauge("tongpin_streams_open", "Live streams open in this process.")
FRAMES = Counter("tongpin_stream_frames_total", "Live hints put to streams.")
RESYNCS = Counter("tongpin_stream_resyncs_total", "Times a stream was told to fetch everything again.")
LISTENER_LOST = Counter("tongpin_listener_lost_total", "Times the LISTEN connection broke.")
