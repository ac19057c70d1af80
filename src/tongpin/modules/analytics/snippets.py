"""What has to be written into an app so that its events come here, for each SDK, with the key filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from tongpin.kernel.errors import Text
from tongpin.modules.analytics.enums import Platform

_OPEN = re.compile("KEY|HOST")


@dataclass(frozen=True, slots=True)
class Snippet:
    """One way to send events. ``code`` has ``KEY`` and ``HOST`` (an address without a slash at its end) to fill in."""

    key: str
    label: Text
    hint: Text
    code: str

    def filled(self, value: str, host: str) -> str:
        """The code with the source's key and this server's address."""
        given = {"KEY": value, "HOST": host}
        return _OPEN.sub(lambda found: given[found[0]], self.code)  # at once: a key may have HOST in it


_TRACKER = Snippet(
    "tracker",
    _("Our script"),
    _(
        "Page views, reading time, scroll depth and links out, without cookies. Add data-persist to tell visitors "
        "apart over days."
    ),
    """<script defer src="HOST/t.js" data-key="KEY"></script>

<script>
  window.tongpin = window.tongpin || [];
  tongpin.push(["track", "signed_up", { plan: "free" }]);
  tongpin.push(["identify", "user-42", { plan: "free" }]);
</script>""",
)
_POSTHOG_WEB = Snippet(
    "posthog-js",
    "PostHog (Web)",
    _("Already using PostHog in the browser? Only api_host changes."),
    """import posthog from "posthog-js";

posthog.init("KEY", { api_host: "HOST" });
posthog.capture("signed_up", { plan: "free" });""",
)
_POSTHOG_PYTHON = Snippet(
    "posthog-python",
    "PostHog (Python)",
    _("Node, Go, PHP and the other server libraries take the same two settings."),
    """from posthog import Posthog

posthog = Posthog("KEY", host="HOST")
posthog.capture("signed_up", distinct_id="user-42", properties={"plan": "free"})
posthog.shutdown()  # once, before the program ends: what waits is sent""",
)
_POSTHOG_NODE = Snippet(
    "posthog-node",
    "PostHog (Node)",
    "",
    """import { PostHog } from "posthog-node";

const posthog = new PostHog("KEY", { host: "HOST" });
posthog.capture({ distinctId: "user-42", event: "signed_up", properties: { plan: "free" } });
await posthog.shutdown(); // once, before the program ends: what waits is sent""",
)
_SEGMENT_PYTHON = Snippet(
    "segment-python",
    "Segment (Python)",
    "",
    """from segment.analytics import Client

analytics = Client("KEY", host="HOST")
analytics.track("user-42", "signed_up", {"plan": "free"})
analytics.shutdown()  # once, before the program ends: what waits is sent""",
)
_SEGMENT_NODE = Snippet(
    "segment-node",
    "Segment (Node)",
    "",
    """import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({ writeKey: "KEY", host: "HOST" });
analytics.track({ userId: "user-42", event: "signed_up", properties: { plan: "free" } });
await analytics.closeAndFlush(); // once, before the program ends: what waits is sent""",
)
_SENSORS_WEB = Snippet(
    "sensors-web",
    _("Sensors Analytics (Web)"),
    _("The project in the address is the key."),
    """sensors.init({
  server_url: "HOST/sa?project=KEY",
  is_track_single_page: true,
});
sensors.quick("autoTrack");
sensors.track("signed_up", { plan: "free" });""",
)
_SENSORS_PYTHON = Snippet(
    "sensors-python",
    _("Sensors Analytics (Python)"),
    _("The project in the address is the key."),
    """import sensorsanalytics

consumer = sensorsanalytics.BatchConsumer("HOST/sa?project=KEY", max_size=50)
sa = sensorsanalytics.SensorsAnalytics(consumer, "KEY")
sa.track("user-42", "signed_up", {"plan": "free"}, is_login_id=True)
sa.close()  # once, before the program ends: what waits is sent""",
)
_UMAMI = Snippet(
    "umami",
    "Umami (Node)",
    _("In the Umami script of a page, data-website-id is the key and data-host-url this server."),
    """import { Umami } from "@umami/node";

const umami = new Umami({ websiteId: "KEY", hostUrl: "HOST" });
umami.track("signed_up", { plan: "free" });""",
)
_GA4 = Snippet(
    "ga4",
    "Google Analytics 4",
    _("Put your own measurement id here and add it under “Keys”: gtag sends it as the key."),
    """gtag("config", "G-XXXXXXXXXX", { server_container_url: "HOST" });
gtag("event", "sign_up", { plan: "free" });""",
)
_HTTP = Snippet(
    "http",
    "HTTP",
    _("For everything else: one JSON request. The guide to capture lists every field."),
    """curl -X POST HOST/capture/v1/events -H "Content-Type: application/json" -d '{
  "key": "KEY",
  "batch": [{"event": "signed_up", "distinct_id": "user-42", "properties": {"plan": "free"}}]
}'""",
)

_FIRST = {
    Platform.WEB: (_TRACKER, _POSTHOG_WEB, _SENSORS_WEB, _UMAMI, _GA4, _HTTP),
    Platform.APP: (_POSTHOG_NODE, _SEGMENT_NODE, _SENSORS_PYTHON, _HTTP),
    Platform.SERVER: (_POSTHOG_PYTHON, _SEGMENT_PYTHON, _SENSORS_PYTHON, _HTTP),
}
_ALL = (
    _TRACKER,
    _POSTHOG_WEB, _POSTHOG_PYTHON, _POSTHOG_NODE, _SEGMENT_PYTHON, _SEGMENT_NODE, _SENSORS_WEB, _SENSORS_PYTHON,
    _UMAMI, _GA4, _HTTP,
)  # fmt: skip


def snippets(platform: str) -> list[Snippet]:
    """All snippets, those usual on this platform first."""
    first = _FIRST[Platform(platform)]
    return [*first, *(each for each in _ALL if each not in first)]
