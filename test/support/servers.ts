import { PasswordHasher } from '../../apps/authorization-server/src/passwords/password-hasher.js';
import { type Dialect, type TestDatabase } from './databases.js';
import { createServerDatabase } from './server-databases.js';
import { startStack, type Stack, type StackOptions } from './stack.js';

/** Two servers over one PostgreSQL database; on SQLite, which has room for one process only, both are the same. */
export class Servers {
  #stacks: Stack[] = [];

  private constructor(
    private readonly database: TestDatabase,
    private readonly options: StackOptions,
  ) {}

  static async start(dialect: Dialect, options: StackOptions = {}): Promise<Servers> {
    const servers = new Servers(await createServerDatabase(dialect), options);
    await servers.#start();
    return servers;
  }

  get first(): Stack {
    return this.of(0);
  }

  get second(): Stack {
    return this.of(1);
  }

  get all(): readonly Stack[] {
    return this.#stacks;
  }

  /** The servers take turns. */
  of(index: number): Stack {
    const stack = this.#stacks[index % this.#stacks.length];
    if (stack === undefined) throw new Error('No server is running');
    return stack;
  }

  /** Counts the passwords that are compared from now on, at all servers together. */
  countVerifications(): { readonly count: number } {
    const verifications = { count: 0 };
    for (const { application } of this.#stacks) {
      const hasher = application.get(PasswordHasher);
      const verify = hasher.verify.bind(hasher);
      hasher.verify = (hash, password, origin) => {
        verifications.count++;
        return verify(hash, password, origin);
      };
    }
    return verifications;
  }

  /** @param environment is changed from now on */
  async restart(environment: Record<string, string> = {}): Promise<void> {
    await this.#stop();
    await this.#start(environment);
  }

  /** The other one goes on. */
  async restartOne(index: number): Promise<void> {
    await this.of(index).stop();
    this.#stacks[index % this.#stacks.length] = await this.#startOne();
  }

  async stop(): Promise<void> {
    await this.#stop();
    await this.database.drop();
  }

  async #start(environment: Record<string, string> = {}): Promise<void> {
    this.#stacks = [];
    for (let server = 0; server < (this.database.dialect === 'sqlite' ? 1 : 2); server++) {
      this.#stacks.push(await this.#startOne(environment));
    }
  }

  #startOne(environment: Record<string, string> = {}): Promise<Stack> {
    const { database, options } = this;
    return startStack(database.dialect, {
      ...options,
      database,
      // Each server has a port of its own, and a token names its issuer.
      environment: { ISSUER: 'https://login.example.com', ...options.environment, ...environment },
    });
  }

  async #stop(): Promise<void> {
    for (const stack of this.#stacks) await stack.stop();
    this.#stacks = [];
  }
}
