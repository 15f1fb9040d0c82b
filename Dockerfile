FROM python:3.13-slim AS build
WORKDIR /build
COPY . .
RUN pip wheel --no-cache-dir --constraint .ci/constraints.txt --wheel-dir /wheels .

FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1
# hadolint ignore=DL3013  # there is one version of it, in the folder of wheels
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels lookalike \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin lookalike
# A number, since Kubernetes cannot tell of a name that it is not root (runAsNonRoot).
USER 10001
EXPOSE 4010
# From outside the container the control API wants LOOKALIKE_CONTROL_TOKEN; /health is open to everyone.
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:4010/__lookalike/health', timeout=2)"]
ENTRYPOINT ["lookalike"]
CMD ["mock", "--host", "0.0.0.0"]
