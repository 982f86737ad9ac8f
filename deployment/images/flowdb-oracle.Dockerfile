# FlowDB that can read Oracle, made from files of Oracle that you bring: ORACLE_BINARY_SOURCE=DIRECTORY make images
ARG CODE_VERSION=latest
ARG FLOWDB_IMAGE=flowminder/flowdb:${CODE_VERSION}

# Empty: the build context "oracle" takes its place (docker build --build-context oracle=DIRECTORY).
FROM scratch AS oracle

FROM ${FLOWDB_IMAGE} AS build
# Nothing but files leaves this stage.
# hadolint ignore=DL3002
USER 0:0
COPY deployment/images/oracle-client /build/
ARG INSTANT_CLIENT_VERSION=
# Before anything is fetched: what is missing is named.
RUN --mount=type=bind,from=oracle,target=/oracle /build/oracle-client check /oracle "${INSTANT_CLIENT_VERSION}"
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        gcc \
        libaio1t64 \
        libc6-dev \
        make \
        postgresql-server-dev-17 \
        unzip \
    && rm -rf /var/lib/apt/lists/*
RUN --mount=type=bind,from=oracle,target=/oracle \
    /build/oracle-client build /oracle /build/installed "${INSTANT_CLIENT_VERSION}"

FROM ${FLOWDB_IMAGE}
USER 0:0
RUN apt-get update \
    && apt-get install -y --no-install-recommends libaio1t64 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /build/installed/usr /usr
ENV ORACLE_HOME=/usr/local/oracle/instantclient \
    LD_LIBRARY_PATH=/usr/local/oracle/instantclient \
    PATH=/opt/flowkit/bin:/usr/lib/postgresql/17/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/oracle/instantclient
USER 999:999
LABEL org.opencontainers.image.title="flowdb-oracle"
