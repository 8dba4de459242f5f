"""Pages and texts from templates that ship with the service."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


@cache
def _environment() -> Environment:
    """Pages are escaped as HTML; Markdown escapes by its filter."""
    made = Environment(
        loader=PackageLoader("app.data"),
        autoescape=select_autoescape(("html.jinja",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["markdown"] = _markdown
    return made


def render_template(name: str, **values: Any) -> str:
    """A template, filled."""
    return _environment().get_template(name).render(**values)


def _markdown(text: str) -> str:
    """A text inside a cell of a Markdown table: nothing of it is markup."""
    for mark in "\\`*_[]<>|#":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
