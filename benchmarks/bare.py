"""The practical limit: a FastAPI endpoint that answers bytes kept in memory."""

import os
from pathlib import Path

from fastapi import FastAPI, Response

app = FastAPI()
BODY = Path(os.environ["BENCH_BODY"]).read_bytes()


@app.get("/")
async def get_body() -> Response:
    """The stored bytes."""
    return Response(BODY, media_type="application/json")
