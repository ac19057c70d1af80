"""Values of the properties whose values are codes, in the reader's words: channels, countries, languages, events."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from tongpin.kernel.i18n.territories import language_name, territory_name
from tongpin.modules.analytics.event_names import called
from tongpin.modules.analytics.insights import derived
from tongpin.modules.analytics.insights.statement import NONE, OTHER
from tongpin.modules.analytics.shown.words import group

CHANNELS = {
    "Direct": pgettext_lazy("channel", "Direct"),
    "Organic Search": pgettext_lazy("channel", "Organic search"),
    "Paid Search": pgettext_lazy("channel", "Paid search"),
    "Organic Social": pgettext_lazy("channel", "Social media"),
    "Paid Social": pgettext_lazy("channel", "Paid social media"),
    "Organic Video": pgettext_lazy("channel", "Video sites"),
    "Paid Video": pgettext_lazy("channel", "Paid video"),
    "AI": pgettext_lazy("channel", "AI assistants"),
    "Email": pgettext_lazy("channel", "Email"),
    "SMS": pgettext_lazy("channel", "Text messages"),
    "Push": pgettext_lazy("channel", "Push notifications"),
    "Affiliate": pgettext_lazy("channel", "Affiliates"),
    "Display": pgettext_lazy("channel", "Display ads"),
    "Referral": pgettext_lazy("channel", "Other sites"),
    "Paid Other": pgettext_lazy("channel", "Other paid"),
    "Unknown": pgettext_lazy("channel", "Other campaigns"),
}
DEVICES = {
    "Desktop": pgettext_lazy("device", "Desktop"),
    "Mobile": pgettext_lazy("device", "Phone"),
    "Tablet": pgettext_lazy("device", "Tablet"),
}


def value(of: str, said: str) -> str:
    """A value of a property as a page shows it."""
    if said in (NONE, OTHER, ""):
        return group(said)
    if of == derived.CHANNEL:
        return str(CHANNELS.get(said, said))
    if of == "$device_type":
        return str(DEVICES.get(said, said))
    if of == "$geoip_country_code":
        return territory_name(said)
    if of == "$browser_language":
        return language_name(said)
    if of == derived.EVENT:
        return called(said)
    return said
