# The product for docker-compose.yml and other container hosts: web, worker, beat and manage.py in one image.
FROM python:3.13-slim AS build
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/base.txt /tmp/base.txt
RUN pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: -r /tmp/base.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /srv membership
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATIC_ROOT=/srv/static
COPY --from=build /opt/venv /opt/venv
WORKDIR /srv/site
COPY . .
# The addresses only satisfy the settings: collecting static files asks no server.
RUN SECRET_KEY=only-for-building DATABASE_URL=postgresql://nowhere/none REDIS_URL=redis://nowhere/0 \
    python manage.py collectstatic --noinput
USER membership
EXPOSE 8000
CMD ["gunicorn", "membership_site.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--threads", "4", \
     "--access-logfile", "-", "--no-control-socket", "--worker-tmp-dir", "/tmp"]
