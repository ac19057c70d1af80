"""Messages of Django that our catalogue says better: what stands here is only named, so that it is translated."""

from django.utils.translation import gettext_noop

REPHRASED = (gettext_noop("Enter a valid email address."), gettext_noop("Enter a valid date."))
