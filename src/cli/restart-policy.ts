export interface RestartPolicy {
  readonly Name: string;
  readonly MaximumRetryCount: number;
}

/** "on-failure:3"; what the name means, the daemon knows. @throws Error in Docker's words */
export function readRestartPolicy(text: string): RestartPolicy {
  const [name = "", count, ...more] = text.split(":");
  if (text !== "" && name === "") throw new Error("invalid restart policy format: no policy provided before colon");
  if (more.length > 0) throw new Error("invalid restart policy format");
  if (count !== undefined && !/^[+-]?\d+$/.test(count))
    throw new Error("invalid restart policy format: maximum retry count must be an integer");
  return { Name: name, MaximumRetryCount: Number(count ?? 0) };
}
