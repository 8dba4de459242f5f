# syntax=docker/dockerfile:1
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/parindex
COPY requirements.txt ./
RUN /opt/parindex/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY migrations migrations
RUN /opt/parindex/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
 && /opt/parindex/bin/pip uninstall --yes hatchling editables pathspec pluggy trove-classifiers pip \
 && /opt/parindex/bin/python -m compileall -q /opt/parindex/lib

FROM python:3.11-slim
LABEL org.opencontainers.image.title="parindex" org.opencontainers.image.licenses="MIT"
RUN useradd --system --uid 10001 --home-dir /data --create-home parindex
COPY --from=build /opt/parindex /opt/parindex
ENV PATH=/opt/parindex/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PARINDEX_ENVIRONMENT=production \
    PARINDEX_DATABASE_URL=sqlite:////data/parindex.db
USER parindex
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["sh", "-c", "parindex db upgrade && parindex load-reference && exec parindex serve --host 0.0.0.0 --workers ${PARINDEX_WORKERS:-1}"]
