"""``TONGPIN_TESTING=1 python -m tests.api.pin``: write down the API as it is now, after checking that it only grew."""

from __future__ import annotations

import json

import django


def main() -> None:
    django.setup()
    from tests.api.test_schema import PINNED, pins

    before = json.loads(PINNED.read_text()) if PINNED.exists() else {}
    now = pins()
    PINNED.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n")
    for gone in sorted(before.keys() - now.keys()):
        print(f"GONE (breaks callers): {gone}")
    for new in sorted(now.keys() - before.keys()):
        print(f"new: {new}")
    for name in sorted(now.keys() & before.keys()):
        if now[name] != before[name]:
            print(f"changed: {name}")


if __name__ == "__main__":
    main()
