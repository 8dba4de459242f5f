"""The application: `uvicorn --factory app.main:create_app`, or `parindex serve`."""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from fastapi_offline import FastAPIOffline
from pydantic import SecretStr
from starlette.middleware.cors import CORSMiddleware

from app.api import router
from app.features.imports.service import imports
from app.features.imports.service.desk import Desk
from app.features.publications.service import reading as publications
from app.infra import error_handlers, logs
from app.infra.auth import make_key, needs_of
from app.infra.config import Settings
from app.infra.db import Database
from app.infra.files import FileStore
from app.infra.jobs import Jobs
from app.infra.middleware import Edge, Metrics
from app.infra.rates import RateLimits
from app.infra.schemas import Problem, problems
from app.infra.shelf import Shelf
from app.infra.uploads import Incoming

DESCRIPTION = """
Scores, dossier statistics and measures of public administration go in; PAR indices and rankings
(chỉ số cải cách hành chính) come out: exact, and computed only when they are read.

**Reading** units, frameworks, rounds and the results of approved rounds needs no key.
Everything else needs `Authorization: Bearer <key>`.

Errors are RFC 9457 problem documents in Vietnamese or English (`Accept-Language`), and name every
mistake with its place (`errors[].pointer`) and how to mend it (`hint`).
"""


def create_app(settings: Settings | None = None) -> FastAPI:
    """A ready application over the database that the settings name."""
    settings = _with_admin_key(settings or Settings())
    logs.configure(settings)
    app = FastAPIOffline(
        redoc_url=None,
        redirect_slashes=False,
        title="PAR index",
        version=version("parindex"),
        summary="Public-administration-reform index service",
        description=DESCRIPTION,
        lifespan=_lifespan,
        generate_unique_id_function=lambda route: route.name,
        swagger_ui_parameters={"persistAuthorization": True},
    )
    _set_state(app, settings)
    app.include_router(router)
    error_handlers.install(app)
    _add_middleware(app, settings)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _with_admin_key(settings: Settings) -> Settings:
    """Settings with an admin key: one of this process alone, where none is set."""
    if settings.admin_key is not None:
        return settings
    key = make_key()
    sys.stderr.write(f"PARINDEX_ADMIN_KEY is not set; this process takes {key}\n")
    return settings.model_copy(update={"admin_key": SecretStr(key)})


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    _collect_rarely()
    desk = Desk(app.state.database, app.state.jobs, app.state.incoming)
    app.state.jobs.submit("recovery", lambda: imports.recover(desk))
    yield
    imports.stop(desk)
    app.state.database.close()


def _collect_rarely() -> None:
    # modules live for ever, and an answer of 3,321 units is 60,000 objects: walking them all again and
    # again doubled the longest answers
    if gc.get_freeze_count():
        return  # once in a process: a second time would keep the applications that ended meanwhile
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def _set_state(app: FastAPI, settings: Settings) -> None:
    """What requests share."""
    app.state.settings = settings
    app.state.database = Database.from_settings(settings)
    app.state.metrics = Metrics()
    app.state.limits = RateLimits(settings)
    app.state.files = FileStore(settings.files_folder, settings.max_file_bytes)
    app.state.incoming = Incoming(settings)
    app.state.jobs = Jobs(settings.import_threads, settings.import_queue)
    desk = Desk(app.state.database, app.state.jobs, app.state.incoming)
    app.state.jobs.on_beat = lambda ids: imports.beat(desk, ids)
    app.state.oidc = None
    if settings.oidc_issuer is not None:
        from app.infra.oidc import TokenVerifier

        app.state.oidc = TokenVerifier(settings)


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """The layers around the routes, the innermost first."""
    app.add_middleware(
        Shelf, state=app.state, read_revisions=lambda: publications.read_public_revisions(app.state.database)
    )
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PUT"],
            allow_headers=["Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key"],
            expose_headers=["ETag", "Idempotency-Replayed", "RateLimit-Reset", "Retry-After", "X-Request-Id"],
        )
    app.add_middleware(
        Edge,
        metrics=app.state.metrics,
        settings=settings,
        on_failure=error_handlers.answer_unexpected,
    )


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The document of the API: every error is a Problem."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            routes=app.routes,
        )
        schemas = schema["components"]["schemas"]
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= problem.pop("$defs")
        schemas["Problem"] = problem
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        _add_scopes(app, schema)
        app.openapi_schema = _without_titles(schema)
        _add_examples(schema)
    return app.openapi_schema


def _without_titles(part: Any) -> Any:
    """Titles that only repeat the names of members say nothing, and are a tenth of the document."""
    if isinstance(part, list):
        return [_without_titles(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        name: value if name in ("examples", "info") else _without_titles(value)
        for name, value in part.items()
        if name != "title" or not isinstance(value, str) or "properties" in part
    }


def _add_scopes(app: FastAPI, schema: dict[str, Any]) -> None:
    """`x-scopes`: any one of them opens the operation; every /v1 operation is limited (429)."""
    for context in iter_route_contexts(app.routes):
        if not str(context.path).startswith("/v1"):
            continue
        needs = needs_of(context.dependant)
        for method in context.methods or ():
            operation = schema["paths"][context.path][method.lower()]
            operation["responses"] |= {str(status): a for status, a in problems(429).items()}
            if needs:
                operation["x-scopes"] = [scope.value for scope in needs[0].scopes]
                operation["x-outside"] = needs[0].outside
                operation["responses"] |= {str(status): a for status, a in problems(403).items()}
            if "requestBody" in operation:
                operation["responses"] |= {str(status): a for status, a in problems(408).items()}


def _add_examples(schema: dict[str, Any]) -> None:
    """Real requests and the answers that they got, one for each operation."""
    examples = orjson.loads(files("app.data").joinpath("openapi-examples.json").read_bytes())
    for path in schema["paths"].values():
        for operation in path.values():
            example = examples.get(operation["operationId"])
            if example is None:
                continue
            answer = operation["responses"][example["status"]]["content"]
            if "application/json" in answer:
                answer["application/json"]["example"] = example["answer"]
            if example["body"] is not None:
                operation["requestBody"]["content"]["application/json"]["example"] = example["body"]
