# shellcheck shell=bash
# For scripts that measure a running site.

# Builds the program and starts `athanor serve` with a PostgreSQL of its own, flushed to disk as in earnest. Afterwards
# $address is where it listens, $data a folder that is removed in the end, $log what it says. ATHANOR_BIN names a program
# that is built already.
start_site() {
  bin/setup >&2
  [[ :$PATH: == *:${HOME:-/root}/.cargo/bin:* ]] || PATH=$PATH:${HOME:-/root}/.cargo/bin
  if [[ -z ${ATHANOR_BIN:-} ]]; then
    SQLX_OFFLINE=true cargo build --release >&2
    ATHANOR_BIN=${CARGO_TARGET_DIR:-target}/release/athanor
  fi
  data=$(mktemp -d /tmp/athanor-bench.XXXXXX)
  chmod 0755 "$data"
  log=$data/log
  ATHANOR_DATA=$data/data ATHANOR_METRICS_LISTEN=off \
    "$ATHANOR_BIN" serve "$@" --listen 127.0.0.1:0 >"$log" 2>&1 </dev/null &
  server=$!
  trap stop_site EXIT
  until address=$(sed -n 's/^Athanor is listening on //p' "$log") && [[ -n $address ]]; do still_there; done
}

# What is started beside it is added to $beside.
stop_site() {
  kill "$server" ${beside:-} 2>/dev/null
  wait "$server" ${beside:-} 2>/dev/null || true
  rm -rf "$data"
}

still_there() {
  kill -0 "$server" 2>/dev/null || { cat "$log" >&2; exit 1; }
  sleep 0.1
}

# All expected values first: they take containers too.
values_are_ready() {
  until grep -q 'expected values are ready' "$log"; do still_there; done
}
