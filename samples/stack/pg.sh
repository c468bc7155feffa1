#!/bin/sh
# Runs a command with PostgreSQL's programs in the PATH and aimed at the stack's own server.
set -eu
for bin in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do
  [ ! -d "$bin" ] || PATH=$bin:$PATH # the last one is the newest
done
export PATH PGDATA="$PWD/var/run/db" PGHOST="$PWD/var/run/db" PGUSER=stack PGDATABASE=postgres
exec "$@"
