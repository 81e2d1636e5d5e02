# Image of DBWarden: the wheel of this checkout in an environment of its own, run by an account without rights.
#
#     docker build -t dbwarden:1.0.0 .
#     docker build --build-arg EXTRAS=postgresql -t dbwarden:1.0.0 .
#
# It has no project in it: examples/container/Dockerfile adds yours. docs/operations/containers.md explains both.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .
ARG EXTRAS=postgresql,mysql,clickhouse,opentelemetry
RUN python -m venv /opt/dbwarden
RUN /opt/dbwarden/bin/python -m pip install --no-cache-dir "$(ls /wheels/dbwarden-*.whl)[${EXTRAS}]"

FROM python:${PYTHON}-slim
# As process 1, Python would ignore SIGTERM while no migration runs; tini passes it on.
RUN apt-get update && apt-get install --yes --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin dbwarden
COPY --from=build /opt/dbwarden /opt/dbwarden
ENV PATH="/opt/dbwarden/bin:${PATH}" PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /project
USER 10001:10001
ENTRYPOINT ["tini", "--", "dbwarden"]
CMD ["--help"]
