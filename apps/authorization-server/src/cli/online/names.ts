import type { AdministrativeArea } from '../../scopes/reserved-scope.js';
import type { Cli } from '../cli.js';
import { CliError, EXIT } from '../cli-error.js';
import { visible } from '../output/visible.js';
import type { AdminClient } from './admin-client.js';
import { RefusalError } from './http.js';
import { fetchRows } from './list.js';

export interface Named {
  readonly id: string;
  /** The name that people use. */
  readonly name: string;
}

/**
 * Resolves names that people know to ids. A text without a match is used as an id: it may belong to something that was
 * deleted, or that this client may not look up.
 */
export class Names {
  constructor(
    private readonly cli: Cli,
    private readonly client: AdminClient,
  ) {}

  /**
   * @param kind `actor`: a user, or else a client
   * @throws CliError if several clients have the name
   */
  async idOf(kind: 'client' | 'user' | 'actor', text: string): Promise<string> {
    const user = kind === 'client' ? null : await this.#lookUp(text, 'users', () => this.#user(text));
    if (user !== null) return user.id;
    const client = kind === 'user' ? null : await this.#lookUp(text, 'clients', () => this.#client(text));
    return client?.id ?? text;
  }

  /** The same for the user or client of a command. @throws CliError also for a user who does not exist */
  async existing(kind: 'client' | 'user', text: string): Promise<Named> {
    if (kind === 'client') {
      const id = await this.idOf('client', text);
      return { id, name: id };
    }
    const named = await this.#user(text);
    if (named !== null) return named;
    const { body } = await this.client.request<UserBody>('users', {
      path: `users/${encodeURIComponent(text)}`,
    });
    return { id: body.sub, name: body.username };
  }

  async #user(username: string): Promise<Named | null> {
    const { body } = await this.client.request<{ data: UserBody[] }>('users', {
      path: 'users',
      query: { username },
    });
    const [user] = body.data;
    return user === undefined ? null : { id: user.sub, name: user.username };
  }

  async #client(text: string): Promise<Named | null> {
    try {
      await this.client.request('clients', { path: `clients/${encodeURIComponent(text)}` });
      return { id: text, name: text };
    } catch (error) {
      if (!(error instanceof RefusalError) || ![400, 404].includes(error.httpStatus)) throw error;
    }
    const { rows } = await fetchRows<{ client_id: string }>(
      this.client,
      'clients',
      { path: 'clients', query: { client_name: text } },
      { all: true },
    );
    const [only, ...others] = rows;
    if (only === undefined) return null;
    if (others.length === 0) return { id: only.client_id, name: only.client_id };
    throw CliError.usage(
      `Several clients are called ${visible(text)}`,
      `Give one client_id of ${[only, ...others].map((each) => each.client_id).join(', ')}.`,
    );
  }

  async #lookUp<T>(text: string, area: AdministrativeArea, find: () => Promise<T | null>): Promise<T | null> {
    try {
      return await find();
    } catch (error) {
      const refusal = error instanceof RefusalError ? error.httpStatus : null;
      // Not found, or not a valid name.
      if (refusal === 404 || refusal === 400) return null;
      if (!(error instanceof CliError) || error.status !== EXIT.unauthorized || refusal === 401) throw error;
      this.cli.terminal.note(`${visible(text)} is taken for an id: names need the scope admin:${area}:read.`);
      return null;
    }
  }
}

interface UserBody {
  readonly sub: string;
  readonly username: string;
}
