# A runner of one watch list: `harvester run --forever`, without root, its archive and state in /data.
# docs/watch.md, "In a container". Build: docker build -t wechat-harvester .

FROM python:3.11-slim-bookworm AS build
# What of pyproject's extras comes along; feeds: RSS and Atom.
ARG EXTRAS=feeds
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY archive archive
COPY harvester harvester
COPY fixtures fixtures
# tzdata: time zones of `tz` in the configuration, whatever the base image brings.
RUN python -m venv /opt/harvester \
    && /opt/harvester/bin/pip install --no-cache-dir --disable-pip-version-check ".[${EXTRAS}]" tzdata

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 harvester \
    && useradd --uid 10001 --gid harvester --home-dir /data --no-create-home --shell /usr/sbin/nologin harvester \
    && install -d -o harvester -g harvester /data /config
COPY --from=build /opt/harvester /opt/harvester
ENV PATH=/opt/harvester/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HARVESTER_ARCHIVE=/data/archive \
    HARVESTER_STATE=/data/state
# The nearest harvester.toml is this folder's.
WORKDIR /config
VOLUME ["/data"]
USER 10001:10001
# SIGTERM ends it after the request in hand; SIGHUP reads the configuration again.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=1m --timeout=20s --start-period=2m --retries=3 CMD ["harvester", "status", "--health"]
ENTRYPOINT ["harvester"]
CMD ["run", "--forever"]
