"""What the rest of the program is told about users and customers."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from tongpin.kernel import authz, objects
from tongpin.kernel.actions.door import Outcome
from tongpin.kernel.objects import Card, SearchText
from tongpin.kernel.ownership import Owned
from tongpin.kernel.ownership import register as register_owned
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.lib import pinyin
from tongpin.modules.analytics.actions import erasure, people
from tongpin.modules.analytics.actions.customer import give_customer
from tongpin.modules.analytics.flush import hooks
from tongpin.modules.analytics.models import Customer
from tongpin.modules.analytics.people_events import (
    ErasureAsked,
    ErasureProved,
    PersonalDataExported,
    PersonalDataSeen,
)
from tongpin.modules.analytics.permissions import SEE_PEOPLE
from tongpin.modules.workspaces.public import describe
from tongpin.ui import navigation
from tongpin.ui.navigation import NavItem


def card(row: Customer) -> Card:
    """A customer in a link, a search answer or the activity list."""
    return Card(
        type=Customer._meta.label_lower,
        id=row.public_id,
        title=row.title,
        url=reverse("analytics:customer", args=[row.workspace.slug, row.public_id]),
        icon="building-2",
        hint=row.kind,
    )


def found_by(row: Customer) -> SearchText:
    """What a customer is found by: its name and key. Properties stay out: they may say something of persons."""
    return SearchText(title=row.title, body=row.key, pinyin=" ".join(pinyin.syllables(row.name)))


def _seen(payload: PersonalDataSeen) -> str:
    what, _colon, which = payload.about.partition(":")
    if what == "user":
        return _("looked at the personal data of user %(id)s") % {"id": which}
    if what == "customer":
        return _("looked at the users of customer %(id)s") % {"id": which}
    if what == "segment":
        return _("looked at the members of a segment")
    if what == "source":
        return _("looked at the events arriving at a data source")
    return _("looked at the list of users")


def _exported(payload: PersonalDataExported) -> str:
    what, _colon, which = payload.about.partition(":")
    if what == "user":
        return _("exported all data of user %(id)s") % {"id": which}
    return _("exported all data of customer %(id)s") % {"id": which}


def _asked(payload: ErasureAsked) -> str:
    what, _colon, which = payload.about.partition(":")
    if what == "user":
        return _("erased user %(id)s") % {"id": which}
    return _("erased customer %(id)s") % {"id": which}


def _proved(payload: ErasureProved) -> str:
    count = payload.removed.get("events", 0)
    return ngettext(
        "proved an erasure: %(n)d event removed, nothing left",
        "proved an erasure: %(n)d events removed, nothing left",
        count,
    ) % {"n": count}


def _looked_after(actor: Actor, member: Membership) -> list[Customer]:
    return list(
        Customer.objects.visible_to(actor).filter(owner=member).select_related("workspace").order_by("pk")
    )


def _give(actor: Actor, row: Customer, member: Membership) -> Outcome[Customer]:
    return give_customer.run(actor, {"owner": member.public_id}, target=row)


def register() -> None:
    """Called with the rest of the module's registration."""
    hooks.after_flush.append(people.take)
    hooks.kept_out.append(erasure.late)
    objects.register(
        Customer,
        label=pgettext_lazy("analytics", "Customer"),
        plural=pgettext_lazy("analytics", "Customers"),
        icon="building-2",
        card=card,
        search=found_by,
        related=("workspace",),
    )
    register_owned(
        Owned(
            "analytics.customers",
            gettext_lazy("Customers looked after"),
            "building-2",
            _looked_after,
            _give,
            undone_by="analytics.customer.give",
        )
    )
    describe("analytics.personal_data_seen", _seen)
    describe("analytics.personal_data_exported", _exported)
    describe("analytics.erasure_asked", _asked)
    describe("analytics.erasure_proved", _proved)
    describe(
        "analytics.customer_given",
        lambda p: _("said who looks after a customer") if p.owner else _("left a customer to nobody"),
    )
    navigation.register(
        NavItem(
            "analytics.customers",
            "listen",
            pgettext_lazy("analytics", "Customers"),
            icon="building-2",
            url_name="analytics:customers",
            order=60,
            shortcut="g o",
            visible=lambda actor: authz.can(actor, SEE_PEOPLE.name),
            words=(gettext_lazy("Companies"), gettext_lazy("Accounts")),
        )
    )
    navigation.register(
        NavItem(
            "analytics.users",
            "data",
            pgettext_lazy("analytics", "Users"),
            icon="users",
            url_name="analytics:users",
            order=60,
            shortcut="g w",
            visible=lambda actor: authz.can(actor, SEE_PEOPLE.name),
            words=(gettext_lazy("Persons"),),
        )
    )
