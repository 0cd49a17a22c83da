#!/bin/sh
# Run once by the postgres image on an empty volume: the services' own role and database, and the boards' role, which
# may only read (the migrations grant liangshai_read what it may see). Neither is a superuser.
set -eu
psql -v ON_ERROR_STOP=1 -U postgres -d postgres \
    -v platform="$LIANGSHAI_DATABASE_PASSWORD" -v boards="$GRAFANA_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE liangshai LOGIN PASSWORD :'platform';
CREATE DATABASE liangshai OWNER liangshai;
CREATE ROLE liangshai_read NOLOGIN;
CREATE ROLE grafana LOGIN PASSWORD :'boards' IN ROLE liangshai_read;
ALTER ROLE grafana SET default_transaction_read_only = on;
ALTER ROLE grafana SET statement_timeout = '15s';
SQL
