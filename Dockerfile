# One image for the site and its commands; the database is another service's.
FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

# Dependencies first: they change less often than the code.
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

COPY pyproject.toml README.md ./
COPY core core
COPY plugins plugins
COPY portal portal
COPY admin admin
RUN pip install --no-deps --editable . && useradd --system --create-home seuil

USER seuil
ENV SEUIL_ENV=production SEUIL_HOST=0.0.0.0 SEUIL_PORT=8000 SEUIL_HOME=/home/seuil/data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["seuil", "serve"]
