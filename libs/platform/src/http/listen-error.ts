/** The names of the variables for the address to listen on. */
interface Variables {
  readonly host: string;
  readonly port: string;
}

/** A server cannot listen on the configured address. The message names the variable to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError';

  constructor(cause: unknown, where: { host: string; port: number }, variables: Variables) {
    super(explain((cause as NodeJS.ErrnoException).code, where, variables), { cause });
  }
}

function explain(
  code: string | undefined,
  { host, port }: { host: string; port: number },
  variables: Variables,
): string {
  const [HOST, PORT] = [`${variables.host} ${host}`, `${variables.port} ${port}`];
  switch (code) {
    case 'EADDRINUSE':
      return `${PORT} is taken: another program listens there on ${host}. Stop that program, or set another ${variables.port}.`;
    case 'EACCES':
      return `${PORT} cannot be opened: the user of this process may not. Set ${variables.port} to 1024 or more.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${HOST} is a name without an address. Set ${variables.host} to an address of this machine.`;
    case 'EADDRNOTAVAIL':
      return `${HOST} is no address of this machine. Set ${variables.host} to one that it has, or to 0.0.0.0 for all.`;
    case undefined:
    default:
      return `${HOST} with ${PORT} cannot be listened on (${code ?? 'unknown error'}).`;
  }
}
