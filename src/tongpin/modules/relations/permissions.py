"""Whoever sees both ends sees a relation; members of the workspace make and remove them."""

from django.utils.translation import gettext_lazy as _

from tongpin.kernel import authz

authz.describe_scopes(
    "relations", read=_("Read how things are linked"), write=_("Link things and unlink them")
)
VIEW = authz.declare("relations.relation.view", authz.ANYONE)
EDIT = authz.declare("relations.relation.edit", authz.MEMBERS)
