"""Putting the API together: what is registered decides what it has."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Router

from tongpin.config.api import calls, directory, problems, schema
from tongpin.config.api.auth import Token
from tongpin.config.api.reading import JsonParser
from tongpin.kernel.actions.registry import registry
from tongpin.kernel.actions.wording import field_errors
from tongpin.kernel.errors import Invalid, NotFound

MODULES = "tongpin.modules."

DESCRIPTION = """
Everything a person can change in Tongpin, a program can, through the same actions and with the same rights.

Send an API token (made on the workspace's page “API tokens”) as `Authorization: Bearer …`. A token works in one
workspace and within the scopes chosen for it. Every change is one action: `POST …/actions/<name>` with `target`
(what it changes), `data` (its input) and, if you like, `version` (what you saw) and an `Idempotency-Key`. Refusals
are problem details (RFC 9457); their `code` is stable. Lists come in pieces: give `next` back as `cursor`.
What is here stays: fields and operations may be added, never taken away, before `/api/v2`.
"""


class Api(NinjaAPI):
    """Ninja's API with our wording of wrong input and our completion of the description."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._descriptions: dict[str, schema.Description] = {}

    def create_response(self, request: HttpRequest, data: Any, **more: Any) -> HttpResponse:
        """What a token may read is nobody else's: no cache keeps it."""
        response = super().create_response(request, data, **more)
        response.headers["Cache-Control"] = "no-store"
        return response

    def validation_error_from_error_contexts(  # type: ignore[override]
        self, error_contexts: list[Any]
    ) -> Invalid:
        fields: dict[str, list[str]] = {}
        for context in error_contexts:
            for name, messages in field_errors(context.pydantic_validation_error).items():
                fields.setdefault(_shown(name), []).extend(messages)
        return Invalid(fields=fields)

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> schema.Description:
        """The description, made once: nothing in it changes while the server runs."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._descriptions:
            self._descriptions[prefix] = schema.Description(self, prefix)
        return self._descriptions[prefix]


def _shown(name: str) -> str:
    """A field's name as the caller wrote it: without the layers that only the framework has, and without
    ``data``."""
    parts = name.split(".")
    if parts and parts[0] == "call":
        parts = parts[1:]
    if len(parts) > 1 and parts[0] == "data":
        parts = parts[1:]
    return ".".join(parts)


def build() -> Api:
    """The API of everything registered now."""
    made = Api(
        title="Tongpin",
        version="1",
        description=DESCRIPTION.strip(),
        urls_namespace="api",
        docs_url=None,  # its pages load scripts from elsewhere
        auth=Token(),
        parser=JsonParser(),
    )
    problems.register(made)
    made.add_router("", directory.router)
    for module in _modules():
        if find_spec(f"{module}.api"):
            made.add_router(
                f"/workspaces/{{slug}}/{module.removeprefix(MODULES)}", import_module(f"{module}.api").router
            )
    actions = Router()
    for name in sorted(registry):
        if calls.offered(registry[name]):
            calls.add(actions, registry[name])
    made.add_router("", actions)
    return made


def _modules() -> list[str]:
    """The domain's apps. Their actions are imported here if nothing has done it yet."""
    found = [config.name for config in apps.get_app_configs() if config.name.startswith(MODULES)]
    for module in found:
        if find_spec(f"{module}.actions"):
            import_module(f"{module}.actions")
    return found


@csrf_exempt
def unknown(request: HttpRequest, **parts: str) -> HttpResponse:
    """Any other address below ``/api/``: a problem like all the others, rather than a page."""
    return problems.of(NotFound())


def _method_as_problem(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view, with the framework's bare 405 as a problem like all the others."""

    @csrf_exempt
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code != 405:
            return response
        text = _("This address does not take %(method)s.") % {"method": request.method}
        problem = problems.answer(405, "method_not_allowed", text)
        problem.headers["Allow"] = response.headers["Allow"]
        return problem

    return answered


def _patterns(made: Api) -> list[URLPattern]:
    """The API's addresses, each saying who may open it, as views do."""
    routes: list[URLPattern] = made.urls[0]  # type: ignore[assignment]
    for route in routes:
        public = route.name in {"api-root", "openapi-json"}
        # At its root the framework answers with a page; only the address itself is needed.
        view: Any = unknown if route.name == "api-root" else _method_as_problem(route.callback)
        view.access = "public" if public else "token"
        route.callback = view
    return routes


api = build()
unknown.access = "public"  # type: ignore[attr-defined]
urlpatterns = [
    path("api/v1/", (_patterns(api), "ninja", "api")),
    re_path(r"^api/", unknown),
]
