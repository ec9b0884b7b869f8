/**
 * Docker's commands that are not here yet, one a line: its paths, what follows them in the usage line, least and most arguments, and its flags
 * (a shorthand before the comma; one that takes a value ends in a colon). A line goes when its command comes.
 */
export const absentTable = `
build, image build, builder build ; [OPTIONS] PATH | URL | - ; 1 1 ; add-host: build-arg: cache-from: cgroup-parent: compress cpu-period: cpu-quota: c,cpu-shares: cpuset-cpus: cpuset-mems: disable-content-trust f,file: force-rm iidfile: isolation: label: m,memory: memory-swap: network: no-cache platform: pull q,quiet rm security-opt: shm-size: squash t,tag: target: ulimit:
swarm ca ; [OPTIONS] ; 0 0 ; ca-cert: ca-key: cert-expiry: d,detach external-ca: q,quiet rotate
swarm init ; [OPTIONS] ; 0 0 ; advertise-addr: autolock availability: cert-expiry: data-path-addr: data-path-port: default-addr-pool: default-addr-pool-mask-length: dispatcher-heartbeat: external-ca: force-new-cluster listen-addr: max-snapshots: snapshot-interval: task-history-limit:
swarm join ; [OPTIONS] HOST:PORT ; 1 1 ; advertise-addr: availability: data-path-addr: listen-addr: token:
swarm join-token ; [OPTIONS] (worker|manager) ; 1 1 ; q,quiet rotate
swarm leave ; [OPTIONS] ; 0 0 ; f,force
swarm unlock ;  ; 0 0 ;
swarm unlock-key ; [OPTIONS] ; 0 0 ; q,quiet rotate
swarm update ; [OPTIONS] ; 0 0 ; autolock cert-expiry: dispatcher-heartbeat: external-ca: max-snapshots: snapshot-interval: task-history-limit:
service create ; [OPTIONS] IMAGE [COMMAND] [ARG...] ; 1 ; cap-add: cap-drop: config: constraint: container-label: credential-spec: d,detach dns: dns-option: dns-search: endpoint-mode: entrypoint: e,env: env-file: generic-resource: group: health-cmd: health-interval: health-retries: health-start-interval: health-start-period: health-timeout: host: hostname: init isolation: l,label: limit-cpu: limit-memory: limit-pids: log-driver: log-opt: max-concurrent: mode: mount: name: network: no-healthcheck no-resolve-image oom-score-adj: placement-pref: p,publish: q,quiet read-only replicas: replicas-max-per-node: reserve-cpu: reserve-memory: restart-condition: restart-delay: restart-max-attempts: restart-window: rollback-delay: rollback-failure-action: rollback-max-failure-ratio: rollback-monitor: rollback-order: rollback-parallelism: secret: stop-grace-period: stop-signal: sysctl: t,tty ulimit: update-delay: update-failure-action: update-max-failure-ratio: update-monitor: update-order: update-parallelism: u,user: with-registry-auth w,workdir:
service inspect ; [OPTIONS] SERVICE [SERVICE...] ; 1 ; f,format: pretty
service logs ; [OPTIONS] SERVICE|TASK ; 1 1 ; details f,follow no-resolve no-task-ids no-trunc raw since: n,tail: t,timestamps
service ls ; [OPTIONS] ; 0 0 ; f,filter: format: q,quiet
service ps ; [OPTIONS] SERVICE [SERVICE...] ; 1 ; f,filter: format: no-resolve no-trunc q,quiet
service rm ; SERVICE [SERVICE...] ; 1 ;
service rollback ; [OPTIONS] SERVICE ; 1 1 ; d,detach q,quiet
service scale ; SERVICE=REPLICAS [SERVICE=REPLICAS...] ; 1 ; d,detach
service update ; [OPTIONS] SERVICE ; 1 1 ; args: cap-add: cap-drop: config-add: config-rm: constraint-add: constraint-rm: container-label-add: container-label-rm: credential-spec: d,detach dns-add: dns-option-add: dns-option-rm: dns-rm: dns-search-add: dns-search-rm: endpoint-mode: entrypoint: env-add: env-rm: force generic-resource-add: generic-resource-rm: group-add: group-rm: health-cmd: health-interval: health-retries: health-start-interval: health-start-period: health-timeout: host-add: host-rm: hostname: image: init isolation: label-add: label-rm: limit-cpu: limit-memory: limit-pids: log-driver: log-opt: max-concurrent: mount-add: mount-rm: network-add: network-rm: no-healthcheck no-resolve-image oom-score-adj: placement-pref-add: placement-pref-rm: publish-add: publish-rm: q,quiet read-only replicas: replicas-max-per-node: reserve-cpu: reserve-memory: restart-condition: restart-delay: restart-max-attempts: restart-window: rollback rollback-delay: rollback-failure-action: rollback-max-failure-ratio: rollback-monitor: rollback-order: rollback-parallelism: secret-add: secret-rm: stop-grace-period: stop-signal: sysctl-add: sysctl-rm: t,tty ulimit-add: ulimit-rm: update-delay: update-failure-action: update-max-failure-ratio: update-monitor: update-order: update-parallelism: u,user: with-registry-auth w,workdir:
stack config ; [OPTIONS] ; 0 0 ; c,compose-file: skip-interpolation
stack deploy ; [OPTIONS] STACK ; 1 1 ; c,compose-file: d,detach prune q,quiet resolve-image: with-registry-auth
stack ls ; [OPTIONS] ; 0 0 ; format:
stack ps ; [OPTIONS] STACK ; 1 1 ; f,filter: format: no-resolve no-trunc q,quiet
stack rm ; [OPTIONS] STACK [STACK...] ; 1 ; d,detach
stack services ; [OPTIONS] STACK ; 1 1 ; f,filter: format: q,quiet
node demote ; NODE [NODE...] ; 1 ;
node inspect ; [OPTIONS] self|NODE [NODE...] ; 1 ; f,format: pretty
node ls ; [OPTIONS] ; 0 0 ; f,filter: format: q,quiet
node promote ; NODE [NODE...] ; 1 ;
node ps ; [OPTIONS] [NODE...] ; 0 ; f,filter: format: no-resolve no-trunc q,quiet
node rm ; [OPTIONS] NODE [NODE...] ; 1 ; f,force
node update ; [OPTIONS] NODE ; 1 1 ; availability: label-add: label-rm: role:
secret create ; [OPTIONS] SECRET [file|-] ; 1 2 ; d,driver: l,label: template-driver:
secret inspect ; [OPTIONS] SECRET [SECRET...] ; 1 ; f,format: pretty
secret ls ; [OPTIONS] ; 0 0 ; f,filter: format: q,quiet
secret rm ; SECRET [SECRET...] ; 1 ;
config create ; [OPTIONS] CONFIG file|- ; 2 2 ; l,label: template-driver:
config inspect ; [OPTIONS] CONFIG [CONFIG...] ; 1 ; f,format: pretty
config ls ; [OPTIONS] ; 0 0 ; f,filter: format: q,quiet
config rm ; CONFIG [CONFIG...] ; 1 ;
plugin create ; [OPTIONS] PLUGIN PLUGIN-DATA-DIR ; 2 ; compress
plugin disable ; [OPTIONS] PLUGIN ; 1 1 ; f,force
plugin enable ; [OPTIONS] PLUGIN ; 1 1 ; timeout:
plugin inspect ; [OPTIONS] PLUGIN [PLUGIN...] ; 1 ; f,format:
plugin install ; [OPTIONS] PLUGIN [KEY=VALUE...] ; 1 ; alias: disable disable-content-trust grant-all-permissions
plugin ls ; [OPTIONS] ; 0 0 ; f,filter: format: no-trunc q,quiet
plugin push ; [OPTIONS] PLUGIN[:TAG] ; 1 1 ; disable-content-trust
plugin rm ; [OPTIONS] PLUGIN [PLUGIN...] ; 1 ; f,force
plugin set ; PLUGIN KEY=VALUE [KEY=VALUE...] ; 2 ;
plugin upgrade ; [OPTIONS] PLUGIN [REMOTE] ; 1 2 ; disable-content-trust grant-all-permissions skip-remote-check
checkpoint create ; [OPTIONS] CONTAINER CHECKPOINT ; 2 2 ; checkpoint-dir: leave-running
checkpoint ls ; [OPTIONS] CONTAINER ; 1 1 ; checkpoint-dir:
checkpoint rm ; [OPTIONS] CONTAINER CHECKPOINT ; 2 2 ; checkpoint-dir:
builder prune ;  ; 0 0 ; a,all filter: f,force keep-storage:
volume update ; [OPTIONS] [VOLUME] ; 1 1 ; availability:
trust inspect ; IMAGE[:TAG] [IMAGE[:TAG]...] ; 1 ; pretty
trust revoke ; [OPTIONS] IMAGE[:TAG] ; 1 1 ; y,yes
trust sign ; IMAGE:TAG ; 1 1 ; local
`;
