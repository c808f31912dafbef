# Ledgerline in one image: `serve` runs web and worker. State and facts live in the volume /data.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.lock .
RUN python -m venv /venv \
 && /venv/bin/pip install --quiet --no-cache-dir --no-deps --require-hashes -r requirements.lock

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home ledgerline && mkdir /data && chown ledgerline /data
WORKDIR /app
COPY --from=build /venv /venv
COPY wsgi.py pyproject.toml LICENSE ./
COPY assets assets
COPY models models
COPY pages pages
COPY dashapp dashapp
RUN /venv/bin/python -m compileall -q dashapp models pages
USER ledgerline
ENV DATA_DIR=/data HOST=0.0.0.0 PORT=8050 PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8050
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
  CMD ["/venv/bin/python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8050/healthz', timeout=4)"]
ENTRYPOINT ["/venv/bin/python", "-m", "dashapp"]
CMD ["serve"]
