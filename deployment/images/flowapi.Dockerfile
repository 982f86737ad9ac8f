# FlowAPI: FlowKit's HTTP interface. Built from the root of the repository: make images
ARG BASE_IMAGE=debian:trixie-slim

FROM ${BASE_IMAGE} AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
COPY tools/bootstrap.lock tools/build.lock deployment/images/python-environment /build/
COPY flowapi/requirements.lock /build/
RUN --mount=type=secret,id=ca_bundle --mount=type=cache,target=/root/.cache/uv \
    /build/python-environment dependencies
COPY flowkit-jwt-generator /source/flowkit-jwt-generator
COPY flowapi /source/flowapi
RUN /build/python-environment packages

FROM ${BASE_IMAGE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 tini \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 flowkit \
    && useradd --uid 10001 --gid flowkit --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin flowkit
COPY --from=build /opt/flowkit /opt/flowkit
ENV PATH=/opt/flowkit/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LC_ALL=C.UTF-8 \
    FLOWDB_PORT=5432
USER 10001:10001
EXPOSE 9090
HEALTHCHECK --interval=30s --start-interval=3s --timeout=15s --start-period=120s --retries=3 CMD ["flowapi", "health"]
# Reaps and forwards signals: a program that is process 1 would ignore those it does not handle.
ENTRYPOINT ["tini", "--"]
CMD ["flowapi"]
ARG VERSION=0+unknown
ARG REVISION=unknown
ARG BASE_DIGEST=unknown
LABEL org.opencontainers.image.title="flowapi" \
      org.opencontainers.image.licenses="MPL-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.digest="${BASE_DIGEST}"
