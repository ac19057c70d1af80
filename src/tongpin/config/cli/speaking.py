"""What commands share: loading Django, and saying errors with their hint and exit code."""

from __future__ import annotations

import contextlib
import functools
import json
import locale
import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
from django.utils.translation import gettext as _

F = TypeVar("F", bound=Callable[..., Any])

EXIT_REFUSED = 2  # the input or the state does not allow it
EXIT_UNAVAILABLE = 3  # database or store not reachable


def load_django() -> None:
    """Read the settings and the models, and speak the terminal's language. Says what is wrong with the settings."""
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.utils import translation

    try:
        _know_the_address()
        django.setup()
    except (OSError, ValueError, ImproperlyConfigured) as error:
        _refuse_settings(error)
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or (locale.getlocale()[0] or "")
    translation.activate("zh-hans" if spoken.lower().startswith("zh") else "en")


def check_settings() -> None:
    """Say what is wrong with the variables before processes are started that would each fail on it."""
    from tongpin.config import environment

    try:
        environment.sign_up()
        environment.verify_email()
    except ValueError as error:
        _refuse_settings(error)


def _refuse_settings(error: Exception) -> None:
    fail(f"The configuration cannot be used: {error}", "See the table of variables in README.md.")


def _know_the_address() -> None:
    """Links in mails lead to the server of this folder, where TONGPIN_URL does not say otherwise."""
    from tongpin.config import environment

    if "TONGPIN_URL" in os.environ:
        return
    state = environment.data_dir() / "run" / "state.json"
    with contextlib.suppress(FileNotFoundError, ValueError, KeyError, TypeError):
        address = json.loads(state.read_text("utf-8"))["children"]["web"]["address"]
        if address:
            os.environ["TONGPIN_URL"] = address


def fail(message: str, hint: str = "", code: int = EXIT_REFUSED) -> None:
    """Say what is wrong and what to do on standard error, and leave."""
    click.secho(f"Error: {message}", fg="red", err=True)
    if hint:
        click.echo(f"  {hint}", err=True)
    sys.exit(code)


def with_django(command: F) -> F:
    """For commands that use models: set up, and turn domain errors and a missing database into exit codes."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        load_django()
        from django.db import DataError, InterfaceError, OperationalError, ProgrammingError

        from tongpin.kernel.errors import DomainError, Invalid

        try:
            return command(*args, **kwargs)
        except Invalid as error:
            for name, messages in error.fields.items():
                for message in messages:
                    click.secho(f"Error: {name + ': ' if name else ''}{message}", fg="red", err=True)
            if not error.fields:
                fail(str(error), str(error.hint))
            if error.hint:
                click.echo(f"  {error.hint}", err=True)
            sys.exit(EXIT_REFUSED)
        except DomainError as error:
            away = error.status == 503
            fail(
                f"{error.message} [{error.code}]",
                str(error.hint),
                EXIT_UNAVAILABLE if away else EXIT_REFUSED,
            )
        except (DataError, UnicodeError):
            fail(_("A value is too large or has characters that cannot be stored."))
        except (OperationalError, InterfaceError) as error:
            fail(
                _("The database cannot be reached: %(why)s") % {"why": _first_line(error)},
                _("Start it with `tongpin serve`, or check DATABASE_URL. `tongpin doctor` says more."),
                EXIT_UNAVAILABLE,
            )
        except ProgrammingError as error:
            fail(
                _("The database is not prepared: %(why)s") % {"why": _first_line(error)},
                _("Run `tongpin migrate`."),
                EXIT_UNAVAILABLE,
            )

    return run  # type: ignore[return-value]


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def show_json(value: Any) -> None:
    """Print JSON that keeps Chinese readable."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
