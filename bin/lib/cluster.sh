# shellcheck shell=bash
# Sourced by bin/test and bin/prepare: a PostgreSQL cluster that lives as long as the script does.

cluster_dir=

# The newest server of version 15 or later.
cluster_programs() {
  local dir
  for dir in "$(pg_config --bindir 2>/dev/null || true)" $(printf '%s\n' /usr/lib/postgresql/*/bin | sort --reverse --version-sort); do
    if [[ -x $dir/initdb && $("$dir/postgres" --version | grep -oE '[0-9]+' | head -n 1) -ge 15 ]]; then
      echo "$dir"
      return 0
    fi
  done
  echo 'no PostgreSQL server programs of version 15 or later: run bin/setup' >&2
  return 1
}

# start_cluster: sets DATABASE_URL. Nothing is ever flushed to disk, and only a socket in a closed folder listens.
start_cluster() {
  local programs as=(setpriv)
  programs=$(cluster_programs)
  cluster_dir=$(mktemp -d /tmp/athanor-test-pg.XXXXXX)
  trap stop_cluster EXIT
  # Without these, bash would die of the signal before the trap on EXIT runs.
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  if [[ $(id -u) -eq 0 ]]; then
    chown postgres "$cluster_dir"
    as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
  fi
  (cd / && "${as[@]}" "$programs/initdb" -D "$cluster_dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync) \
    </dev/null >"$cluster_dir/initdb.log" 2>&1 || {
    cat "$cluster_dir/initdb.log" >&2
    return 1
  }
  # The death signal ends the server even if this script is killed with -9.
  "${as[@]}" --pdeathsig INT "$programs/postgres" -D "$cluster_dir/data" -k "$cluster_dir" \
    -c listen_addresses= -c max_connections=200 -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
    -c wal_level=minimal -c max_wal_senders=0 </dev/null >"$cluster_dir/server.log" 2>&1 &
  cluster_server=$!
  until "$programs/pg_isready" -q -h "$cluster_dir"; do
    kill -0 "$cluster_server" 2>/dev/null || {
      cat "$cluster_dir/server.log" >&2
      return 1
    }
    sleep 0.05
  done
  export DATABASE_URL="postgres://postgres@localhost/postgres?host=$cluster_dir"
}

# create_database NAME: prints its address.
create_database() {
  "$(cluster_programs)/psql" -q -X -v ON_ERROR_STOP=1 -c "CREATE DATABASE \"$1\"" "$DATABASE_URL" >&2
  echo "postgres://postgres@localhost/$1?host=$cluster_dir"
}

stop_cluster() {
  trap '' INT TERM HUP
  if [[ -n ${cluster_server:-} ]]; then
    kill -QUIT "$cluster_server" 2>/dev/null || true
    wait "$cluster_server" 2>/dev/null || true
    cluster_server=
  fi
  [[ -z $cluster_dir ]] || rm -rf "$cluster_dir"
}
