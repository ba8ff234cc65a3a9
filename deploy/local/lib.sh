# shellcheck shell=bash
# Shared by up, down, part and require. Not run by itself.
#
# Layout of a DIR that these scripts manage:
#   DIR/bihuan.toml    what `bihuan --config` reads
#   DIR/ports          the ports, chosen once, so that a part comes back where it was
#   DIR/kafka/         server.properties, data/, kafka.log, kafka.pid
#   DIR/postgres/      the cluster (a link to /var/tmp where the database's user cannot reach DIR)

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
KAFKA_VERSION=4.3.1
KAFKA_LIB=$ROOT/target/kafka/lib
export LC_ALL=C.UTF-8

say() { printf '%s\n' "$*" >&2; }
die() {
    say "${0##*/}: $*"
    exit 1
}
usage() {
    say "usage: $*"
    exit 2
}

have() { command -v "$1" >/dev/null 2>&1; }

# need_value OPTION VALUE: an option that was given without its value is wrong usage
need_value() { [ -n "${2:-}" ] || usage "$1 needs a value"; }

# open_dir DIR [create]: absolute path of DIR in $DIR
open_dir() {
    [ -n "${1:-}" ] || die "no folder given"
    if [ "${2:-}" = create ]; then mkdir -p -- "$1" || die "cannot create $1"; fi
    [ -d "$1" ] || die "$1 is not a folder"
    DIR=$(cd -- "$1" && pwd)
    case $DIR in *[$' \t\n"\\']*) die "$DIR: the path must not contain spaces, quotes or backslashes" ;; esac
    [ -w "$DIR" ] || die "$DIR is not writable"
    KAFKA_DIR=$DIR/kafka
    PG_DIR=$DIR/postgres
}

# One command at a time for a folder. The servers must not inherit descriptor 9.
lock_dir() {
    exec 9>"$DIR/.lock"
    flock -w 120 9 || die "another command has been busy with $DIR for two minutes"
}

# Ports lie below the range for outgoing connections: nobody else takes one while its part is stopped.
load_ports() {
    if [ ! -s "$DIR/ports" ]; then
        python3 - >"$DIR/ports.new" <<'PY' || die "no free ports between 20000 and 32000"
import random, socket
held, r = [], random.SystemRandom()
for name in ("KAFKA_PORT", "CONTROLLER_PORT", "POSTGRES_PORT"):
    for _ in range(1000):
        s = socket.socket()
        try:
            s.bind(("127.0.0.1", r.randrange(20000, 32000)))
        except OSError:
            s.close()
            continue
        held.append(s)
        print(f"{name}={s.getsockname()[1]}")
        break
    else:
        raise SystemExit(1)
PY
        mv "$DIR/ports.new" "$DIR/ports"
    fi
    # shellcheck source=/dev/null
    . "$DIR/ports"
    : "${KAFKA_PORT:?$DIR/ports is damaged}" "${CONTROLLER_PORT:?}" "${POSTGRES_PORT:?}"
}

# wait_until SECONDS COMMAND…: true as soon as the command succeeds
wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.1
    done
}

gone() { ! alive "$1"; }
alive() {
    [ -n "${1:-}" ] && [ -r "/proc/$1/stat" ] && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

# ---------------------------------------------------------------- Kafka

# The process id of this folder's broker, if it runs.
kafka_pid() {
    local pid
    pid=$(cat "$KAFKA_DIR/kafka.pid" 2>/dev/null) || return 1
    alive "$pid" && tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qxF "$KAFKA_DIR/server.properties" || return 1
    printf '%s\n' "$pid"
}

kafka_answers() { python3 "$ROOT/deploy/local/kafka/probe.py" 127.0.0.1 "$KAFKA_PORT" >/dev/null 2>&1; }

kafka_answers_or_gone() { kafka_answers || gone "$1"; }

kafka_java() { java -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$KAFKA_LIB/*" "$@"; }

# Where Debian keeps the library that makes fsync return at once
eatmydata_lib() {
    local found
    found=$(printf '%s\n' /usr/lib/*/libeatmydata.so | head -n 1)
    [ -e "$found" ] && printf '%s\n' "$found"
}

kafka_start() {
    local pid
    if kafka_pid >/dev/null; then return 0; fi
    [ -e "$KAFKA_LIB/kafka_2.13-$KAFKA_VERSION.jar" ] || die "Kafka's jars are missing: run deploy/local/require kafka"
    if [ ! -s "$KAFKA_DIR/data/meta.properties" ]; then
        mkdir -p "$KAFKA_DIR/data"
        cat >"$KAFKA_DIR/server.properties" <<EOF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$CONTROLLER_PORT
listeners=PLAINTEXT://127.0.0.1:$KAFKA_PORT,CONTROLLER://127.0.0.1:$CONTROLLER_PORT
advertised.listeners=PLAINTEXT://127.0.0.1:$KAFKA_PORT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=$KAFKA_DIR/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# After a kill the controller lets the broker in again only when the old session has ended: 9 s by default, for which tests would wait.
# A session that is much shorter ends by itself on a busy machine.
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
EOF
        kafka_java kafka.tools.StorageTool format -t "$(kafka_java kafka.tools.StorageTool random-uuid)" \
            -c "$KAFKA_DIR/server.properties" >"$KAFKA_DIR/kafka.log" 2>&1 ||
            die "Kafka could not format $KAFKA_DIR/data; see $KAFKA_DIR/kafka.log"
    fi
    # Its controller waits for the disk at each entry of its own log. Where compilers write, that takes longer than the broker's session. A
    # killed process loses nothing by it; a machine without power would.
    LD_PRELOAD=$(eatmydata_lib || true) setsid nohup java -Xmx512m -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$KAFKA_LIB/*" \
        kafka.Kafka "$KAFKA_DIR/server.properties" >>"$KAFKA_DIR/kafka.log" 2>&1 </dev/null 9>&- &
    pid=$!
    printf '%s\n' "$pid" >"$KAFKA_DIR/kafka.pid"
    # Ends at once when the process ends; `alive` decides which of the two it was.
    wait_until 60 kafka_answers_or_gone "$pid" || true
    if ! alive "$pid" || ! kafka_answers; then
        die "Kafka did not answer on port $KAFKA_PORT; the end of $KAFKA_DIR/kafka.log: $(tail -n 3 "$KAFKA_DIR/kafka.log")"
    fi
}

# kafka_end TERM|KILL
kafka_end() {
    local pid
    pid=$(kafka_pid) || return 0
    kill "-$1" "$pid" 2>/dev/null || true
    if ! wait_until 30 gone "$pid"; then
        kill -KILL "$pid" 2>/dev/null || true
        wait_until 10 gone "$pid" || die "Kafka (process $pid) does not end"
    fi
    rm -f "$KAFKA_DIR/kafka.pid"
}

# ---------------------------------------------------------------- PostgreSQL

# pg_bin: where Debian keeps the newest server, 15 or later
pg_bin() {
    local best
    best=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -t/ -k5,5n | tail -n 1)
    [ -x "$best" ] || return 1
    best=${best%/bin/initdb}
    [ "${best##*/}" -ge 15 ] 2>/dev/null && printf '%s/bin\n' "$best"
}

# as_pg COMMAND…: PostgreSQL refuses to run as root
as_pg() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && exec setpriv --reuid postgres --regid postgres --init-groups "$@")
    else
        "$@"
    fi
}

# Where the database's user cannot reach DIR (a 0700 folder above it), the cluster lives in /var/tmp behind a link.
pg_place() {
    [ "$(id -u)" != 0 ] || id postgres >/dev/null 2>&1 || die "no user postgres: run deploy/local/require postgres"
    if [ -d "$PG_DIR" ]; then return 0; fi
    rm -f "$PG_DIR"
    if [ "$(id -u)" = 0 ]; then
        chmod o+x "$DIR"
        if as_pg test -x "$DIR"; then
            install -d -m 0700 -o postgres -g postgres "$PG_DIR"
        else
            local away
            away=/var/tmp/bihuan-postgres-$(printf '%s' "$DIR" | sha256sum | cut -c1-16)
            # Left over from a DIR that was deleted while its server ran.
            if [ -d "$away" ]; then
                PG_DIR=$away pg_end immediate
                rm -rf -- "$away"
            fi
            install -d -m 0700 -o postgres -g postgres "$away"
            ln -s "$away" "$PG_DIR"
        fi
    else
        mkdir -m 0700 "$PG_DIR"
    fi
}

# pg_processes: every living process of this cluster, the server's children too
pg_processes() {
    local real proc found=1
    real=$(readlink -f "$PG_DIR")
    for proc in /proc/[0-9]*; do
        [ "$(cat "$proc/comm" 2>/dev/null)" = postgres ] || continue
        alive "${proc#/proc/}" || continue
        [ "$(as_pg readlink "$proc/cwd" 2>/dev/null)" = "$real" ] || continue
        printf '%s\n' "${proc#/proc/}"
        found=0
    done
    return $found
}

pg_pid() {
    local pid
    pid=$(head -n 1 "$PG_DIR/postmaster.pid" 2>/dev/null) || return 1
    alive "$pid" && grep -q '^postgres$' "/proc/$pid/comm" 2>/dev/null || return 1
    [ "$(as_pg readlink "/proc/$pid/cwd" 2>/dev/null)" = "$(readlink -f "$PG_DIR")" ] || return 1
    printf '%s\n' "$pid"
}

pg_sql() {
    "$(pg_bin)/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -d "$1" -c "$2"
}
pg_answers() { [ "$(PGCONNECT_TIMEOUT=2 pg_sql postgres 'select 1' 2>/dev/null)" = 1 ]; }

pg_start() {
    local bin real
    if pg_pid >/dev/null; then return 0; fi
    bin=$(pg_bin) || die "PostgreSQL 15 or later is missing: run deploy/local/require postgres"
    pg_place
    real=$(readlink -f "$PG_DIR")
    if [ ! -s "$PG_DIR/ready" ]; then
        # An earlier attempt may have been interrupted half-way.
        find "$real" -mindepth 1 -delete
        as_pg "$bin/initdb" -D "$real" -A trust -U postgres -E UTF8 --locale=C.UTF-8 >"$DIR/initdb.log" 2>&1 ||
            die "initdb failed; see $DIR/initdb.log"
        cat >>"$PG_DIR/postgresql.conf" <<EOF
listen_addresses = '127.0.0.1'
port = $POSTGRES_PORT
unix_socket_directories = ''
max_connections = 200
shared_buffers = 256MB
timezone = 'UTC'
log_timezone = 'UTC'
# What is committed stays: tests of durability rely on both.
fsync = on
synchronous_commit = on
EOF
    fi
    # A killed server leaves this file, and PostgreSQL takes a process that is dead but not yet collected for alive.
    if [ -e "$real/postmaster.pid" ] && ! pg_processes >/dev/null; then rm -f "$real/postmaster.pid"; fi
    as_pg "$bin/pg_ctl" -D "$real" -l "$real/server.log" -w -t 180 start >/dev/null 2>&1 </dev/null 9>&- ||
        die "PostgreSQL did not start on port $POSTGRES_PORT; the end of $real/server.log: $(tail -n 3 "$real/server.log" 2>/dev/null)"
    wait_until 30 pg_answers || die "PostgreSQL runs but does not answer on port $POSTGRES_PORT; see $real/server.log"
    if [ ! -s "$PG_DIR/ready" ]; then
        if ! pg_sql postgres 'create role bihuan login superuser' ||
            ! pg_sql postgres 'create database bihuan owner bihuan'; then
            die "cannot create the database bihuan; see $real/server.log"
        fi
        date -u +%FT%TZ >"$PG_DIR/ready"
    fi
}

# pg_end fast|immediate|KILL
pg_end() {
    local pid child
    pid=$(pg_pid) || return 0
    case $1 in
    fast) kill -INT "$pid" ;;
    immediate) kill -QUIT "$pid" ;;
    KILL) kill -KILL "$pid" ;;
    esac
    wait_until 60 gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
    # After a kill the children notice by themselves; a new server refuses to start beside them.
    for child in $(pg_processes || true); do
        wait_until 10 gone "$child" || kill -KILL "$child" 2>/dev/null || true
    done
}

# ---------------------------------------------------------------- both

write_config() {
    {
        if [ -s "$PG_DIR/ready" ]; then
            printf '[store]\nurl = "postgres://bihuan@127.0.0.1:%s/bihuan"\n' "$POSTGRES_PORT"
        fi
        if [ -s "$KAFKA_DIR/data/meta.properties" ]; then
            printf '[log]\nbrokers = "127.0.0.1:%s"\npartitions = 6\n' "$KAFKA_PORT"
        fi
    } >"$DIR/bihuan.toml.new"
    mv "$DIR/bihuan.toml.new" "$DIR/bihuan.toml"
}
