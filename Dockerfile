# Two stages: the first builds with Swift, the second holds the programs, their C libraries and nothing else.
FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libcurl4-openssl-dev libhiredis-dev libpq-dev libsqlite3-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# The dependencies first: they change less often than the sources.
COPY Package.swift ./
RUN --mount=type=cache,target=/root/.cache swift package resolve
COPY Sources ./Sources
COPY Examples ./Examples
COPY Tests ./Tests
RUN --mount=type=cache,target=/source/.build \
    swift build -c release --static-swift-stdlib --product ss-server \
    && swift build -c release --static-swift-stdlib --product ss-cli \
    && mkdir -p /out/lib /out/bin \
    && binaries=$(swift build -c release --static-swift-stdlib --show-bin-path) \
    && install --strip "$binaries/ss-server" "$binaries/ss-cli" /out/lib/ \
    && cp -r "$binaries/simple-stream_SimpleStreamServer.resources" /out/lib/

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates libcurl4 libhiredis0.14 libpq5 libsqlite3-0 libstdc++6 openssl tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/simple-stream simple-stream
COPY --from=build /out/lib /usr/local/lib/simple-stream
COPY deploy/healthy /usr/local/lib/simple-stream/healthy
RUN ln -s /usr/local/lib/simple-stream/ss-server /usr/local/lib/simple-stream/ss-cli /usr/local/bin/
USER simple-stream
WORKDIR /var/lib/simple-stream
# Journal, attachments and node id, and with SQLite the database: keep it for as long as the node has its name.
VOLUME /var/lib/simple-stream
ENV SS_DATA_DIR=/var/lib/simple-stream LOG_FORMAT=json SWIFT_BACKTRACE=enable=no
EXPOSE 4000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=2 CMD ["/usr/local/lib/simple-stream/healthy"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--", "ss-server"]
