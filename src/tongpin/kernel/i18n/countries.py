"""Countries by name: whose public holidays a workspace keeps, a look back takes into account."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Country(models.TextChoices):
    """Whose public holidays the product knows by name; the values are ISO 3166-1 codes, "" is none."""

    CN = "CN", _("China, with make-up workdays")
    HK = "HK", _("Hong Kong")
    TW = "TW", _("Taiwan")
    SG = "SG", _("Singapore")
    JP = "JP", _("Japan")
    KR = "KR", _("South Korea")
    MY = "MY", _("Malaysia")
    TH = "TH", _("Thailand")
    VN = "VN", _("Vietnam")
    ID = "ID", _("Indonesia")
    PH = "PH", _("Philippines")
    IN = "IN", _("India")
    AU = "AU", _("Australia")
    US = "US", _("United States")
    GB = "GB", _("United Kingdom")
    DE = "DE", _("Germany")
    FR = "FR", _("France")
    NONE = "", _("No holidays")


_OF_ZONE = {
    "Asia/Shanghai": Country.CN,
    "Asia/Hong_Kong": Country.HK,
    "Asia/Taipei": Country.TW,
    "Asia/Singapore": Country.SG,
    "Asia/Tokyo": Country.JP,
    "Asia/Seoul": Country.KR,
    "Asia/Kuala_Lumpur": Country.MY,
    "Asia/Bangkok": Country.TH,
    "Asia/Ho_Chi_Minh": Country.VN,
    "Asia/Jakarta": Country.ID,
    "Asia/Manila": Country.PH,
    "Asia/Kolkata": Country.IN,
    "Australia/Sydney": Country.AU,
    "America/New_York": Country.US,
    "America/Los_Angeles": Country.US,
    "America/Chicago": Country.US,
    "Europe/London": Country.GB,
    "Europe/Berlin": Country.DE,
    "Europe/Paris": Country.FR,
}


def country_of_zone(zone: str) -> Country:
    """Whose holidays people in an IANA zone most likely keep; NONE where the zone does not say."""
    return _OF_ZONE.get(zone, Country.NONE)


def country_name(code: str) -> str:
    """The country's name in the active language; a code without one is shown as it is."""
    return str(Country(code).label) if code in Country else code
