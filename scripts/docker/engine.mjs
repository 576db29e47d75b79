// Docker and Compose as this machine has them: `docker compose` (v2) or `docker-compose` (from 1.29 on).
import { spawnSync } from 'node:child_process';

const MAX_OUTPUT = 64 * 1024 * 1024;

/** @returns what the command wrote; with `allowFailure` also its status, instead of an error */
export function run(command, arguments_, { allowFailure = false, ...options } = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, arguments_, {
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT,
    ...options,
  });
  if (error !== undefined) throw error;
  if (allowFailure) return { status, output: `${stdout}${stderr}` };
  if (status !== 0) {
    throw new Error(
      `${command} ${arguments_.join(' ')} ended with status ${status}:\n${stdout ?? ''}${stderr ?? ''}`,
    );
  }
  return stdout;
}

export const docker = (...arguments_) => run('docker', arguments_);

/** @returns how Compose is called here, or what is missing */
export function findCompose() {
  if (!works('docker', 'info')) return { missing: 'There is no Docker engine that answers (`docker info`).' };
  if (works('docker', 'compose', 'version')) return { command: ['docker', 'compose'] };
  if (works('docker-compose', 'version')) return { command: ['docker-compose'] };
  return { missing: 'There is neither `docker compose` nor `docker-compose`.' };
}

/** One project of one Compose file. */
export class Project {
  constructor(command, { name, file, environment, environmentFile }) {
    this.name = name;
    this.command = command;
    this.environmentFile = environmentFile;
    this.arguments = ['--file', file, '--project-name', name];
    if (environmentFile !== undefined) this.arguments.push('--env-file', environmentFile);
    this.environment = environment;
  }

  compose(arguments_, options = {}) {
    const [command, ...first] = this.command;
    return run(command, [...first, ...this.arguments, ...arguments_], {
      // Compose prefers these to the environment file, which is what is tried.
      env: { ...process.env, NODE_IMAGE: undefined, POSTGRES_IMAGE: undefined, ...this.environment },
      ...options,
    });
  }

  /** Shows what Compose says, because it takes minutes the first time. */
  up(...options) {
    this.compose(['up', '--detach', ...options], { stdio: ['ignore', 'inherit', 'inherit'] });
  }

  inspect(service) {
    const id = this.compose(['ps', '-q', service]).trim();
    if (id === '') throw new Error(`${service} has no container`);
    return JSON.parse(docker('inspect', id))[0];
  }

  async untilHealthy(services, timeoutMs) {
    const deadline = Date.now() + timeoutMs;
    for (const service of services) {
      for (;;) {
        const { State: state } = this.inspect(service);
        if (state.Health?.Status === 'healthy') break;
        if (state.Status === 'exited' || Date.now() > deadline) {
          throw new Error(`${service} is not healthy:\n${this.compose(['logs', '--tail=40', service])}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  remove() {
    this.compose(['down', '--volumes', '--rmi', 'local', '--remove-orphans'], { allowFailure: true });
  }
}

function works(command, ...arguments_) {
  return spawnSync(command, arguments_, { stdio: 'ignore' }).status === 0;
}
