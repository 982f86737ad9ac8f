# FlowDB: PostgreSQL with PostGIS and pgRouting, FlowKit's schema and roles. Built from the root of the repository: make images
ARG BASE_IMAGE=debian:trixie-slim

FROM ${BASE_IMAGE} AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
COPY tools/bootstrap.lock tools/build.lock deployment/images/python-environment /build/
COPY flowdb/requirements.lock /build/
RUN --mount=type=secret,id=ca_bundle --mount=type=cache,target=/root/.cache/uv \
    /build/python-environment dependencies
COPY flowkit-jwt-generator /source/flowkit-jwt-generator
COPY flowdb /source/flowdb
RUN /build/python-environment packages

# The window functions of FlowDB: a compiler and the server's headers for a few files.
FROM ${BASE_IMAGE} AS median-utils
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev make postgresql-server-dev-17 \
    && rm -rf /var/lib/apt/lists/*
COPY flowdb/median_utils /source
RUN make -C /source install DESTDIR=/built with_llvm=no PG_CONFIG=/usr/lib/postgresql/17/bin/pg_config

FROM ${BASE_IMAGE}
# The user comes before the packages, so that its number is the same in every release: it owns people's volumes.
# The packages would make a cluster of their own; libnss-wrapper lets initdb run under a user without a name.
RUN groupadd --gid 999 postgres \
    && useradd --uid 999 --gid postgres --no-create-home --home-dir /var/lib/postgresql --shell /usr/sbin/nologin postgres \
    && mkdir -p /etc/postgresql-common \
    && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf \
    && apt-get update \
    && apt-get install -y --no-install-recommends \
        libnss-wrapper \
        postgresql-17 \
        postgresql-17-ogr-fdw \
        postgresql-17-pgrouting \
        postgresql-17-pldebugger \
        postgresql-17-postgis-3 \
        postgresql-17-tds-fdw \
        postgresql-plpython3-17 \
        python3 \
        tini \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o postgres -g postgres -m 0700 /var/lib/postgresql/data \
    && install -d -m 0755 /etl
COPY --from=median-utils /built/ /
COPY --from=build /opt/flowkit /opt/flowkit
ENV PATH=/opt/flowkit/bin:/usr/lib/postgresql/17/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LC_ALL=C.UTF-8 \
    PGDATA=/var/lib/postgresql/data \
    FLOWDB_LISTEN_ADDRESSES=*
USER 999:999
VOLUME /var/lib/postgresql/data
EXPOSE 5432
# A first start makes the cluster; an upgrade may migrate for long. FlowDB answers only when it is complete.
HEALTHCHECK --interval=30s --start-interval=3s --timeout=15s --start-period=600s --retries=3 CMD ["flowdb", "status"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--"]
CMD ["flowdb", "start", "--foreground"]
ARG VERSION=0+unknown
ARG REVISION=unknown
ARG BASE_DIGEST=unknown
LABEL org.opencontainers.image.title="flowdb" \
      org.opencontainers.image.licenses="MPL-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.digest="${BASE_DIGEST}"
