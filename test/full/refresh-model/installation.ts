import { AuthorizationRepository } from '../../../apps/authorization-server/src/authorizations/authorization-repository.js';
import { aConfiguration, aResourceServer } from '../../support/builders.js';
import { type Dialect, type TestDatabase } from '../../support/databases.js';
import { createServerDatabase } from '../../support/server-databases.js';
import { aClientNamed, credentialsOf, forgetAll } from '../../support/sessions.js';
import { startStack, type Stack } from '../../support/stack.js';
import type { Policy } from './model.js';

/**
 * Real seconds pass too while a sequence runs, unknown to the model. Time is let pass in hundreds of seconds, and no
 * limit is a hundred seconds or less away from any sum of those but from above: what is inside it stays inside.
 */
export const POLICIES: Readonly<Record<string, Policy>> = {
  'with-grace': { grace: 290, idle: 2890, lifetime: 9090, maxUses: null, maxRetries: null },
  'one-retry': { grace: 290, idle: 2890, lifetime: 9090, maxUses: null, maxRetries: 1 },
  'without-grace': { grace: 0, idle: 2890, lifetime: 9090, maxUses: null, maxRetries: null },
  'three-uses': { grace: 290, idle: 2890, lifetime: 9090, maxUses: 3, maxRetries: null },
  'two-uses-without-grace': { grace: 0, idle: 2890, lifetime: 9090, maxUses: 2, maxRetries: null },
};

const CLIENTS = Object.entries(POLICIES).map(([clientId, { grace, idle, lifetime, maxUses, maxRetries }]) =>
  aClientNamed(clientId, {
    refresh_token_grace: grace,
    refresh_token_idle_ttl: idle,
    refresh_token_ttl: lifetime,
    ...(maxRetries !== null && { refresh_token_max_retries: maxRetries }),
    ...(maxUses !== null && { refresh_token_policy: 'limited', refresh_token_max_uses: maxUses }),
  }),
);

export const clientOf = (policy: string) => credentialsOf(policy);

/** What requests decide on: what they read, or what their server remembers. */
export type DecidingPlace = 'database' | 'memory';

/** One database and the servers over it: one on SQLite, two replicas on PostgreSQL. */
export class Installation {
  #servers: Stack[] = [];
  #turn = 0;
  #arrive: () => Promise<void> = async () => undefined;
  #remembers = true;

  private constructor(private readonly database: TestDatabase) {}

  static async start(dialect: Dialect): Promise<Installation> {
    const installation = new Installation(await createServerDatabase(dialect));
    await installation.#start();
    return installation;
  }

  /** The servers take turns, also among simultaneous requests. */
  get server(): Stack {
    const server = this.#servers[this.#turn++ % this.#servers.length];
    if (server === undefined) throw new Error('No server is running');
    return server;
  }

  async restart(): Promise<void> {
    await this.#stop();
    await this.#start();
  }

  async stop(): Promise<void> {
    await this.#stop();
    await this.database.drop();
  }

  /**
   * Holds the next requests until all of them have come as far as what decides, so that every one of them decides on the
   * same state before any of them changes it: what a race looks like at its worst.
   *
   * @param place where they are held: with what they have read, or with what memory knows
   */
  decideTogether(requests: number, place: DecidingPlace): void {
    let missing = requests;
    let open: () => void = () => undefined;
    const all = new Promise<void>((resolve) => (open = resolve));
    this.#remembers = place === 'memory';
    this.#arrive = async () => {
      if (missing === 0) return;
      if (--missing === 0) {
        this.#remembers = true;
        open();
      }
      await all;
    };
  }

  /** See {@link forgetAll}: at all servers, of which a test alters a row through one. */
  forget(): void {
    this.#servers.forEach(forgetAll);
  }

  async #start(): Promise<void> {
    for (let server = 0; server < (this.database.dialect === 'sqlite' ? 1 : 2); server++) {
      const stack = await startStack(this.database.dialect, {
        database: this.database,
        configuration: aConfiguration({ clients: [...CLIENTS, aResourceServer()] }),
        // A restart has another port, and a token names its issuer.
        environment: { ISSUER: 'https://login.example.com' },
      });
      this.#servers.push(stack);
      const repository = stack.application.get(AuthorizationRepository);
      const find = repository.find.bind(repository);
      repository.find = async (sid) => {
        const state = await find(sid);
        await this.#arrive();
        return state;
      };
      const rotate = repository.rotate.bind(repository);
      repository.rotate = async (...parameters) => {
        if (!this.#remembers) return null;
        await this.#arrive();
        return rotate(...parameters);
      };
    }
  }

  async #stop(): Promise<void> {
    for (const server of this.#servers.splice(0)) await server.stop();
  }
}
