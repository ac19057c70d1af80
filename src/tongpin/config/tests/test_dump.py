"""What of the database goes into a backup."""

from __future__ import annotations

import pytest

from tongpin.config import dump
from tongpin.kernel import clock
from tongpin.modules.analytics.models import DaySalt, Source

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_salt_of_the_day_is_in_no_backup(tmp_path, people):
    """With it, who holds a backup could try addresses until they find whose visits those were."""
    Source.objects.create(workspace=people.workspace, name="Shop that is kept")
    DaySalt.objects.create(day=clock.today("UTC"), value=b"salt of this day")
    dump.save(tmp_path / "database.dump")
    script = dump.as_script(tmp_path / "database.dump", tmp_path).read_text()
    assert "Shop that is kept" in script
    assert "CREATE TABLE public.analytics_daysalt" in script
    assert b"salt of this day".hex() not in script
