#!/usr/bin/env bash
# init.sh FOLDER HOSTNAME ADDRESS DNS HIERARCHY...
# The first process of a sandbox. Whatever it mounts, names or sets is seen in the sandbox's namespaces only. HIERARCHY is
# NAME=OPTIONS for each cgroup v1 hierarchy, or `unified` for cgroup v2. Prints its process id as the machine counts it
# when everything is there, and from then on reaps orphans.
set -euo pipefail
folder=$1 hostname=$2 address=$3 dns=$4
shift 4
# /proc is still the machine's.
read -r pid _ </proc/self/stat

# kubelet wants its mounts to be seen in containers: shared, but among the sandbox's own namespaces.
mount --make-rshared /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
if [ "$1" = unified ]; then
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
else
  mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
  for hierarchy; do
    name=${hierarchy%%=*}
    mkdir "/sys/fs/cgroup/$name"
    mount -t cgroup -o "${hierarchy#*=}" cgroup "/sys/fs/cgroup/$name"
    # Two controllers in one hierarchy are looked for by the name of each.
    [[ $name != *,* ]] || for part in ${name//,/ }; do ln -s "$name" "/sys/fs/cgroup/$part"; done
  done
fi

# Memory, which ends with the sandbox: images, containers, volumes, etcd.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns /run/node "$folder/log"
mount --bind "$folder/log" /var/log
# kubelet and CNI write to fixed places there.
for place in etc var/lib; do
  mkdir -p "/run/layers/$place/upper" "/run/layers/$place/work"
  mount -t overlay -o "lowerdir=/$place,upperdir=/run/layers/$place/upper,workdir=/run/layers/$place/work" overlay "/$place"
done
rm -f /etc/resolv.conf
echo "nameserver $dns" >/etc/resolv.conf
# kubelet wants these, which are the whole machine's, at these values: it is shown files that hold them.
for setting in vm/overcommit_memory=1 kernel/panic=10 kernel/panic_on_oops=1; do
  file=/run/sysctl/${setting%%=*}
  mkdir -p "${file%/*}"
  echo "${setting#*=}" >"$file"
  mount --bind "$file" "/proc/sys/${setting%%=*}"
done

hostname "$hostname"
ip link set lo up
# Not a dummy device: not every kernel has them.
ip link add node0 type veth peer name node0p
ip link set node0p up
ip addr add "$address/24" dev node0
ip link set node0 up
# Addresses of Services need a route before they are translated; nothing is behind it.
ip route add default dev node0
echo 1 >/proc/sys/net/ipv4/ip_forward

echo "$pid"
exec >&2
trap 'exit 0' TERM
while :; do
  sleep 3600 &
  wait $! || true
done
