"""A supervisor of tiny scripts in a process of its own: ``driver.py SPEC.json``."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

from tongpin.config.supervisor import AlreadyServing, Child, Pace, Supervisor


def child(spec: dict[str, object], data: Path) -> Child:
    name = str(spec["name"])
    marker = data / f"{name}.ready"

    def ready() -> bool:
        return marker.exists()

    return Child(
        name,
        [sys.executable, "-c", str(spec["source"]), str(data), name],
        needs=tuple(spec.get("needs", ())),  # type: ignore[arg-type]
        wants=tuple(spec.get("wants", ())),  # type: ignore[arg-type]
        once=bool(spec.get("once")),
        last=bool(spec.get("last")),
        stop=((signal.SIGTERM, float(spec.get("grace", 10))),),  # type: ignore[arg-type]
        start_seconds=spec.get("start_seconds", 60),  # type: ignore[arg-type]
        **({"ready": ready} if spec.get("marks") else {}),  # type: ignore[arg-type]
    )


def main() -> int:
    spec = json.loads(Path(sys.argv[1]).read_text())
    data = Path(spec["data"])
    supervisor = Supervisor(
        data,
        [child(one, data) for one in spec["children"]],
        pace=Pace(**spec.get("pace", {})),
        on_ready=lambda: print("ALL READY", flush=True),
    )
    try:
        return supervisor.run()
    except AlreadyServing as refused:
        print(json.dumps({"pid": refused.pid, "message": refused.message, "hint": refused.hint}), flush=True)
        return 3


if __name__ == "__main__":
    sys.exit(main())
