"""Which protocol speaks at an address.

The endpoint asks ``find`` before Django sees the request. The addresses are those built into the SDKs, so some lie
beside Django's own (``/api/send`` beside ``/api/v1/…``, ``/static/1.449.2/surveys.js`` beside ``/static/…``): only
exact ones are taken, and whatever ``find`` does not know is Django's. A preflight (``OPTIONS``) is the endpoint's to
answer wherever ``find`` knows the address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tongpin.modules.analytics.wire import ga4, own, posthog, posthog_config, segment, sensors, umami
from tongpin.modules.analytics.wire.protocol import Protocol

Spoken = Mapping[str, Protocol]


def _post(protocol: Protocol) -> Spoken:
    return {"POST": protocol}


def _get(protocol: Protocol) -> Spoken:
    return {"GET": protocol}


def _both(protocol: Protocol) -> Spoken:
    return {"POST": protocol, "GET": protocol}


#: Path without its last slash → method → protocol.
EXACT: Mapping[str, Spoken] = {
    **{path: _both(posthog.EVENTS) for path in ("/e", "/i/v0/e", "/batch", "/capture", "/track", "/engage")},
    "/i/v0/ai/batch": _post(posthog.AI),
    "/i/v1/analytics/events": _post(posthog.V1),
    "/flags": _both(posthog_config.FLAGS),
    "/decide": _both(posthog_config.DECIDE),
    "/flags/definitions": _get(posthog_config.FLAG_DEFINITIONS),
    "/api/feature_flag/local_evaluation": _get(posthog_config.FLAG_DEFINITIONS),
    "/api/surveys": _get(posthog_config.SURVEYS),
    "/api/web_experiments": _get(posthog_config.EXPERIMENTS),
    "/api/early_access_features": _get(posthog_config.EARLY_ACCESS),
    "/api/product_tours": _get(posthog_config.PRODUCT_TOURS),
    "/s": _post(posthog_config.RECORDINGS),
    **{
        f"/v1/{kind}": _post(segment.PROTOCOL)
        for kind in ("batch", "b", "import", *segment.TYPES, *segment.SHORT)
    },
    "/sa": _both(sensors.PROTOCOL),
    "/sa.gif": _both(sensors.PROTOCOL),
    "/debug": _both(sensors.DEBUG),
    "/api/send": _post(umami.ONE),
    "/api/batch": _post(umami.MANY),
    "/mp/collect": _post(ga4.MEASUREMENT),
    "/debug/mp/collect": _post(ga4.DEBUG),
    "/g/collect": _both(ga4.GTAG),
    "/capture/v1/events": dict.fromkeys(("POST", "GET", "PUT", "PATCH", "DELETE"), own.PROTOCOL),
}
#: Addresses with a key or a version in them.
SHAPES: tuple[tuple[str, re.Pattern[str], Spoken], ...] = (
    ("/array/", posthog_config.ARRAY, _get(posthog_config.CONFIG_OF_KEY)),
    ("/static/", posthog_config.SCRIPT, _get(posthog_config.STATIC)),
    ("/api/projects/", posthog_config.REMOTE_CONFIG, _get(posthog_config.FLAG_CONTENT)),
)


def find(method: str, path: str) -> Protocol | None:
    """The protocol of ``path`` (decoded, without the query; a slash at its end does not matter) for ``method``; for
    ``OPTIONS`` and ``HEAD`` any that the path has. None: not an SDK's address."""
    path = path.rstrip("/")
    spoken = EXACT.get(path)
    if spoken is None:
        spoken = next(
            (to for begin, shape, to in SHAPES if path.startswith(begin) and shape.fullmatch(path)), None
        )
        if spoken is None:
            return None
    if method in {"OPTIONS", "HEAD"}:
        return next(iter(spoken.values()))
    return spoken.get(method)
