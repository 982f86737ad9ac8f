# Redis from packages of the distribution, for sites that cannot pull the official image.
ARG BASE_IMAGE=debian:trixie-slim
FROM ${BASE_IMAGE}
RUN groupadd --gid 999 redis \
    && useradd --uid 999 --gid redis --no-create-home --home-dir /data --shell /usr/sbin/nologin redis \
    && apt-get update \
    && apt-get install -y --no-install-recommends redis-server tini \
    && rm -rf /var/lib/apt/lists/* /etc/redis \
    && install -d -o redis -g redis -m 0700 /data
USER 999:999
VOLUME /data
WORKDIR /data
EXPOSE 6379
HEALTHCHECK --interval=10s --timeout=5s --retries=3 CMD ["redis-cli", "ping"]
ENTRYPOINT ["tini", "--"]
CMD ["redis-server", "--save", "300 1", "--dir", "/data"]
ARG VERSION=0+unknown
ARG REVISION=unknown
ARG BASE_DIGEST=unknown
LABEL org.opencontainers.image.title="redis" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.digest="${BASE_DIGEST}"
