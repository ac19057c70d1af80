"""What PostHog's SDKs ask before and beside their events: configuration, flags, surveys, scripts.

There are no flags and no surveys to hand out, so the answers say "none" in the shape of each version. An SDK that gets
them goes on to send its events; one that gets errors warns in the console or asks again and again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence

import orjson

from tongpin.lib.ids import new_id
from tongpin.modules.analytics.wire.call import Answer, Call, Dropped, Hit, Refused
from tongpin.modules.analytics.wire.protocol import Protocol
from tongpin.modules.analytics.wire.telling import brief

ARRAY = re.compile(r"/array/([\w.~-]{1,200})/config(\.js)?")
REMOTE_CONFIG = re.compile(r"/api/projects/[^/]{1,100}/feature_flags/[^/]{1,400}/remote_config")
#: What the SDK loads when a feature is on. Its main file, ``array.js``, comes from the site or its CDN, not from here:
#: an empty one would look as if it worked.
SCRIPT = re.compile(
    r"/static/(?:\d{1,4}\.\d{1,4}\.\d{1,6}/(?!array|module)[a-z0-9-]{1,60}|"
    r"surveys|recorder|recorder-v2|exception-autocapture|dead-clicks-autocapture|web-vitals|tracing-headers|toolbar)\.js"
)

CONFIG = {
    "supportedCompression": ["gzip-js", "gzip"],
    "hasFeatureFlags": True,
    "captureDeadClicks": False,
    "capturePerformance": False,
    "autocapture_opt_out": False,
    "autocaptureExceptions": False,
    "analytics": {"endpoint": "/i/v0/e/"},
    "elementsChainAsString": True,
    "errorTracking": {"autocaptureExceptions": False, "suppressionRules": []},
    "logs": {"captureConsoleLogs": False},
    "sessionRecording": False,
    "heatmaps": False,
    "surveys": False,
    "defaultIdentifiedOnly": True,
    "siteApps": [],
}
DEFINITIONS = b'{"flags":[],"group_type_mapping":{},"cohorts":{}}'
ETAG = f'"{hashlib.sha256(DEFINITIONS).hexdigest()[:32]}"'


def _config(call: Call) -> Answer:
    match = ARRAY.fullmatch(call.path.rstrip("/"))
    if match and match[2]:
        # Without a script's answer the SDK asks for the JSON.
        return Answer(200, b"", "application/javascript")
    return _json({"token": match[1] if match else "", **CONFIG})


def _flags(call: Call) -> Answer:
    return _json(
        {
            "flags": {},
            "featureFlags": {},
            "featureFlagPayloads": {},
            "errorsWhileComputingFlags": False,
            "requestId": str(new_id()),
            "evaluatedAt": int(call.received_at.timestamp() * 1000),
            "quotaLimited": None,
        }
    )


def _decide(call: Call) -> Answer:
    """The browser SDK before 2025 asks once for configuration and flags; before version 3 flags were a list."""
    listed = call.query.get("v", "1") in {"1", "2"}
    return _json(
        {
            **CONFIG,
            "config": {"enable_collect_everything": True},
            "editorParams": {},
            "toolbarParams": {},
            "isAuthenticated": False,
            "featureFlags": [] if listed else {},
            "featureFlagPayloads": {},
            "errorsWhileComputingFlags": False,
            "flags": {},
        }
    )


def _definitions(call: Call) -> Answer:
    headers = (("ETag", ETAG), ("Cache-Control", "no-cache"))
    if ETAG in call.headers.get("if-none-match", ""):
        return Answer(304, headers=headers)
    return Answer(200, DEFINITIONS, headers=headers)


def _no_flag(call: Call) -> Answer:
    return _json({"type": "invalid_request", "code": "not_found", "detail": "Not found."}, 404)


def _json(value: object, status: int = 200) -> Answer:
    return Answer(status, orjson.dumps(value))


def _asking(give: Callable[[Call], Answer]) -> Protocol:
    def decode(call: Call) -> Hit:
        return Hit(brief(call.query.get("token")))

    def answer(call: Call, hit: Hit, dropped: Sequence[Dropped]) -> Answer:
        return give(call)

    def refuse(call: Call, refused: Refused) -> Answer:
        return _json({"detail": refused.detail}, refused.status)

    return Protocol("posthog", decode, answer, refuse, takes_events=False)


def _always(value: object) -> Protocol:
    body = orjson.dumps(value)
    return _asking(lambda call: Answer(200, body))


CONFIG_OF_KEY = _asking(_config)
FLAGS = _asking(_flags)
DECIDE = _asking(_decide)
FLAG_DEFINITIONS = _asking(_definitions)
FLAG_CONTENT = _asking(_no_flag)
SURVEYS = _always({"surveys": [], "survey_config": None})
EXPERIMENTS = _always({"experiments": []})
EARLY_ACCESS = _always({"earlyAccessFeatures": []})
PRODUCT_TOURS = _always({"product_tours": []})
RECORDINGS = _always({"status": 1})
"""Recordings of the screen are switched off by the configuration; what an old page still sends is let go."""
STATIC = _asking(lambda call: Answer(200, b"", "application/javascript"))
