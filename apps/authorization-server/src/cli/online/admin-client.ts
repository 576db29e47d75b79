import { ADMINISTRATIVE_SCOPES, isReservedScope } from '../../scopes/reserved-scope.js';
import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-status.js';
import { resolveConnection, type ConnectionOptions } from './connection.js';
import { explainRefusal } from './explain-answer.js';
import { postForm, send, type HttpAnswer, type HttpRequest } from './http.js';
import type { Connection } from './profiles.js';

/** An area of the administration, as its scopes name it. */
export type AdminArea = 'clients' | 'scopes' | 'users' | 'authorizations' | 'keys' | 'audit';

export interface AdminRequest {
  readonly method?: HttpRequest['method'];
  /** Below `/admin/`, each part encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** The version that is changed; the server refuses when there is a newer one. */
  readonly ifMatch?: string;
}

export interface AdminAnswer<T> {
  readonly body: T;
  readonly etag: string | null;
}

/** Talks to the administration API as one client, with a token for each area and kind of access. */
export class AdminClient {
  readonly #tokens = new Map<string, Promise<string>>();

  constructor(private readonly connection: Connection) {}

  /** @throws CliError when there is no server or client to use */
  static connect(cli: Cli, options: ConnectionOptions): AdminClient {
    return new AdminClient(resolveConnection(cli, options));
  }

  /** @throws CliError when the server refuses or cannot be asked */
  async request<T>(area: AdminArea, request: AdminRequest): Promise<AdminAnswer<T>> {
    let answer = await this.#send(area, request);
    if (answer.status === 401 && this.#tokens.size > 0) {
      // Tokens live for some minutes, which a long import outlasts. What was refused for its token was not done.
      this.#tokens.clear();
      answer = await this.#send(area, request);
    }
    if (answer.status >= 400) throw explainRefusal(answer.status, answer.body);
    return { body: answer.body as T, etag: answer.headers.get('etag') };
  }

  async #send(area: AdminArea, request: AdminRequest): Promise<HttpAnswer> {
    const { method = 'GET', body, ifMatch } = request;
    return send(this.connection.url, {
      method,
      path: `/admin/${request.path}${queryOf(request)}`,
      headers: {
        authorization: `Bearer ${await this.#token(area, method === 'GET')}`,
        ...(body !== undefined && { 'content-type': contentTypeOf(method) }),
        ...(ifMatch !== undefined && { 'if-match': ifMatch }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  #token(area: AdminArea, reading: boolean): Promise<string> {
    const key = `${area} ${reading}`;
    const token = this.#tokens.get(key) ?? this.#firstToken(this.#candidates(area, reading));
    this.#tokens.set(key, token);
    return token;
  }

  /**
   * The scopes to ask for, best first: the server refuses what the client has not. Reading takes as little as it needs.
   * Who gives a client administrative scopes must hold them in the same token, so that writing takes all there are.
   */
  *#candidates(area: AdminArea, reading: boolean): Generator<string | Promise<string>> {
    if (reading) yield `admin:${area}:read`;
    else if (area === 'clients' || area === 'scopes') {
      yield ADMINISTRATIVE_SCOPES.join(' ');
      yield this.#ownScopes();
    }
    yield `admin:${area}`;
  }

  /** The administrative scopes of the client itself; empty where it may not know. */
  async #ownScopes(): Promise<string> {
    const { clientId } = this.connection;
    try {
      const { body } = await this.request<{ scope: string | null }>('clients', {
        path: `clients/${encodeURIComponent(clientId)}`,
      });
      return (body.scope ?? '').split(' ').filter(isReservedScope).join(' ');
    } catch (error) {
      if (error instanceof CliError && error.status === EXIT.unauthorized) return '';
      throw error;
    }
  }

  async #firstToken(candidates: Iterable<string | Promise<string>>): Promise<string> {
    const { url, clientId } = this.connection;
    let scope = '';
    for (const candidate of candidates) {
      scope = await candidate;
      if (scope === '') continue;
      const form = { grant_type: 'client_credentials', scope };
      const { status, body } = await postForm(url, '/oauth/token', form, this.connection);
      const { access_token: token, error } = (body ?? {}) as Record<string, unknown>;
      if (typeof token === 'string') return token;
      if (error !== 'invalid_scope') throw explainRefusal(status, body);
    }
    throw new CliError(
      `The client ${clientId} has not the scope ${scope}`,
      EXIT.unauthorized,
      'Give it the scope, or act as a client that has it.',
    );
  }
}

function contentTypeOf(method: HttpRequest['method']): string {
  return method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
}

function queryOf({ query = {} }: AdminRequest): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}
