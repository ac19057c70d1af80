from __future__ import annotations

from tongpin.kernel.jobs.queue import periodic
from tongpin.kernel.mail import deliver


@periodic("37 3 * * *", "mail.clear_old")
def clear_old(timestamp: int) -> None:
    """Every night: forget mails that were settled two weeks ago."""
    deliver.clear_old()
