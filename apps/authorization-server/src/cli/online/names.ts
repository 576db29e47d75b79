import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-status.js';
import { visible } from '../output/visible.js';
import type { AdminClient } from './admin-client.js';
import { RefusalError } from './explain-answer.js';
import { fetchRows } from './list.js';

/**
 * Finds the ids behind names that people know. What has no such name is taken for an id: of something that was deleted, or
 * that this client may not look up.
 */
export class Names {
  constructor(
    private readonly cli: Cli,
    private readonly client: AdminClient,
  ) {}

  /** The `sub` of a user that is given by its name or by its `sub`. */
  async sub(text: string): Promise<string> {
    return (await this.#lookUp(text, 'users', () => this.#userNamed(text))) ?? text;
  }

  /** The `client_id` of a client that is given by its `client_id` or by its name. @throws CliError if several have it */
  async clientId(text: string): Promise<string> {
    return (await this.#lookUp(text, 'clients', () => this.#clientCalled(text))) ?? text;
  }

  /** Who did something: a client or a user. */
  async actor(text: string): Promise<string> {
    const user = await this.#lookUp(text, 'users', () => this.#userNamed(text));
    return user ?? (await this.clientId(text));
  }

  async #userNamed(username: string): Promise<string | null> {
    const { body } = await this.client.request<{ data: { sub: string }[] }>('users', {
      path: 'users',
      query: { username },
    });
    return body.data[0]?.sub ?? null;
  }

  async #clientCalled(text: string): Promise<string | null> {
    try {
      await this.client.request('clients', { path: `clients/${encodeURIComponent(text)}` });
      return text;
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
    if (others.length === 0) return only.client_id;
    throw CliError.usage(
      `Several clients are called ${visible(text)}`,
      `Give one client_id of ${[only, ...others].map((each) => each.client_id).join(', ')}.`,
    );
  }

  async #lookUp(text: string, area: string, find: () => Promise<string | null>): Promise<string | null> {
    try {
      return await find();
    } catch (error) {
      const refusal = error instanceof RefusalError ? error.httpStatus : null;
      // No such name, or none that could be one.
      if (refusal === 404 || refusal === 400) return null;
      if (!(error instanceof CliError) || error.status !== EXIT.unauthorized || refusal === 401) throw error;
      this.cli.terminal.note(`${visible(text)} is taken for an id: names need the scope admin:${area}:read.`);
      return null;
    }
  }
}
