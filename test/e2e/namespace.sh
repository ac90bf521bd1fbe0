#!/bin/sh
# Runs a command in a network namespace of its own, which ends with it: loopback, and a bridge gh0 at 10.246.0.1 that
# backends listen on, since an API server refuses endpoints on loopback. No route leaves the namespace.
if [ "$(id -u)" != 0 ] || ! command -v ip >/dev/null || ! command -v unshare >/dev/null; then
  echo "$0: making a network namespace needs root, and ip of iproute2" >&2
  exit 77
fi
exec unshare --net -- sh -eu -c '
  ip link set lo up
  ip link add gh0 type bridge
  # A bridge without a port that is up counts as unplugged.
  ip link add gh1 type veth peer name gh2
  ip link set gh1 master gh0 up
  ip link set gh2 up
  ip addr add 10.246.0.1/24 dev gh0
  ip link set gh0 up
  exec "$@"' sh "$@"
