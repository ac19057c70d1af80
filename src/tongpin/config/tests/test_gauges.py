from __future__ import annotations

from datetime import timedelta

import pytest

from tongpin.kernel import clock
from tongpin.modules.analytics.models import Arrival


def test_the_inbox_of_events_is_measured(client, db):
    for age in (90, 30):
        at = clock.now() - timedelta(seconds=age)
        Arrival.objects.create(source=1, received_at=at, count=1, records=b"{}")
    lines = client.get("/metrics").content.decode().splitlines()
    found = dict(line.split(" ") for line in lines if line.startswith("tongpin_inbox_"))
    assert float(found["tongpin_inbox_rows"]) == 2
    assert float(found["tongpin_inbox_bytes"]) > 0
    assert float(found["tongpin_inbox_oldest_seconds"]) == pytest.approx(90, abs=20)
