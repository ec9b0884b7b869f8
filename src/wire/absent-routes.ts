type Absent = readonly [method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE", path: string];

/** Routes of Docker 1.51 that answer 501 and name themselves. */
export const absentRoutes: readonly Absent[] = [
  ["POST", "/build"],
  ["POST", "/build/cancel"],
  ["PUT", "/volumes/{name}"],
  ["GET", "/plugins/privileges"],
  ["GET", "/plugins/{name}/json"],
  ["POST", "/plugins/pull"],
  ["POST", "/plugins/create"],
  ["DELETE", "/plugins/{name}"],
  ["POST", "/plugins/{name}/enable"],
  ["POST", "/plugins/{name}/disable"],
  ["POST", "/plugins/{name}/upgrade"],
  ["POST", "/plugins/{name}/push"],
  ["POST", "/plugins/{name}/set"],
  ["POST", "/swarm/init"],
  ["POST", "/swarm/join"],
];

/** Routes that Docker has only in experimental mode: answered as without it, 501. */
export const experimentalRoutes: readonly Absent[] = [
  ["GET", "/containers/{name}/checkpoints"],
  ["POST", "/containers/{name}/checkpoints"],
  ["DELETE", "/containers/{name}/checkpoints/{checkpoint}"],
];

/** Swarm's routes: answered as by an engine outside a swarm, 503. */
export const swarmRoutes: readonly Absent[] = [
  ["GET", "/swarm"],
  ["POST", "/swarm/leave"],
  ["POST", "/swarm/update"],
  ["GET", "/swarm/unlockkey"],
  ["POST", "/swarm/unlock"],
  ["GET", "/services"],
  ["POST", "/services/create"],
  ["GET", "/services/{id}"],
  ["POST", "/services/{id}/update"],
  ["DELETE", "/services/{id}"],
  ["GET", "/services/{id}/logs"],
  ["GET", "/tasks"],
  ["GET", "/tasks/{id}"],
  ["GET", "/tasks/{id}/logs"],
  ["GET", "/nodes"],
  ["GET", "/nodes/{id}"],
  ["DELETE", "/nodes/{id}"],
  ["POST", "/nodes/{id}/update"],
  ["GET", "/secrets"],
  ["POST", "/secrets/create"],
  ["GET", "/secrets/{id}"],
  ["DELETE", "/secrets/{id}"],
  ["POST", "/secrets/{id}/update"],
  ["GET", "/configs"],
  ["POST", "/configs/create"],
  ["GET", "/configs/{id}"],
  ["DELETE", "/configs/{id}"],
  ["POST", "/configs/{id}/update"],
];
