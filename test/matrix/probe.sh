#!/bin/sh
# What a process sees: "@section" and its lines. Every program is busybox's.
IFS= read -r -t 1 word
echo "@begin"
echo "@stdin"; echo "$word"
echo "@tty"; tty; stty size 2>/dev/null
echo "@arguments"; echo "$0 $*"
echo "@pid"; echo $$
echo "@first"; tr '\0' ' ' </proc/1/cmdline; echo; echo "@comm"; cat /proc/1/comm
echo "@status"; cat /proc/$$/status
echo "@limits"; cat /proc/$$/limits
echo "@oom"; cat /proc/$$/oom_score_adj
echo "@attr"; cat /proc/$$/attr/current 2>/dev/null
echo "@id"; id
echo "@umask"; umask
echo "@pwd"; pwd
echo "@env"; env
echo "@mountinfo"; cat /proc/$$/mountinfo
echo "@cgroup"; cat /proc/$$/cgroup
echo "@groups"
for folder in memory cpu cpuset pids blkio devices hugetlb .; do
  cd "/sys/fs/cgroup/$folder" 2>/dev/null || continue
  for name in memory.limit_in_bytes memory.soft_limit_in_bytes memory.memsw.limit_in_bytes memory.swappiness memory.oom_control \
    memory.kmem.limit_in_bytes memory.max memory.low memory.swap.max cpu.shares cpu.cfs_quota_us cpu.cfs_period_us cpu.rt_runtime_us \
    cpu.weight cpu.max cpuset.cpus cpuset.mems pids.max blkio.weight blkio.bfq.weight blkio.throttle.read_bps_device \
    blkio.throttle.write_bps_device blkio.throttle.read_iops_device blkio.throttle.write_iops_device io.max io.bfq.weight devices.list; do
    [ -f "$name" ] && while IFS= read -r line; do echo "$folder/$name $line"; done <"$name"
  done
done
cd /
echo "@namespaces"; for name in cgroup ipc mnt net pid user uts; do echo "$name $(readlink /proc/$$/ns/$name)"; done
echo "@hostname"; hostname; cat /etc/hostname
echo "@domainname"; cat /proc/sys/kernel/domainname
echo "@hosts"; cat /etc/hosts
echo "@resolv"; cat /etc/resolv.conf
echo "@devices"; for path in /dev/*; do stat -c '%n %F %a %u %g %t:%T' "$path"; done
echo "@sysctl"
for name in net/ipv4/ip_forward net/ipv4/ip_unprivileged_port_start net/ipv4/ping_group_range net/core/somaxconn kernel/shmmax kernel/msgmax \
  kernel/sem fs/mqueue/msg_max net/ipv6/conf/all/disable_ipv6; do
  [ -e "/proc/sys/$name" ] && echo "$name $(cat /proc/sys/$name)"
done
echo "@links"; ip -o link
echo "@addresses"; ip -o addr
echo "@routes"; ip route
echo "@writes"; for folder in / /tmp /a /b /c /declared /dev /dev/shm /sys/fs/cgroup/memory /proc/sys/kernel; do
  [ -d "$folder" ] && { [ -w "$folder" ] && echo "$folder yes" || echo "$folder no"; }
done
echo "@found"; for path in /a /b /c /declared /a/word /b/word /c/word /var/run/docker.sock /sbin/docker-init /shared; do
  [ -e "$path" ] && stat -c '%n %F %a %u %g' "$path"
done
cat /a/word /b/word /c/word 2>/dev/null
echo "@end"
