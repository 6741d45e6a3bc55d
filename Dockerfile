FROM python:3.13-slim AS build
WORKDIR /srv
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.13-slim
RUN useradd --system --create-home --uid 10001 finances
WORKDIR /srv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    GRANIAN_INTERFACE=wsgi GRANIAN_HOST=0.0.0.0 GRANIAN_PORT=8000 GRANIAN_BLOCKING_THREADS=8 \
    GRANIAN_WORKERS_KILL_TIMEOUT=30 GRANIAN_LOG_LEVEL=warning
COPY --from=build /venv /venv
COPY . .
# Hashed, compressed static files; the values only let the settings load and are not kept.
RUN ENVIRONMENT=production SECRET_KEY=build JWT_SIGNING_KEY=build ALLOWED_HOSTS=build DATABASE_URL=postgres://build/build \
    python manage.py collectstatic --noinput
USER finances
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
CMD ["sh", "-c", "python manage.py prepare && exec granian --workers ${WEB_WORKERS:-1} config.wsgi:application"]
