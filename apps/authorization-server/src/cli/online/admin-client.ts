import {
  ADMINISTRATIVE_SCOPES,
  isReservedScope,
  type AdministrativeArea,
} from '../../scopes/reserved-scope.js';
import type { Cli } from '../cli.js';
import { CliError, EXIT } from '../cli-error.js';
import { resolveConnection, type ConnectionOptions, type Connection } from './connection.js';
import { explainRefusal, postForm, send, type HttpAnswer, type HttpRequest } from './http.js';
import { TokenCache, type AccessToken } from './token-cache.js';

export interface AdminRequest {
  readonly method?: HttpRequest['method'];
  /** Below `/admin/`, each part encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** The version to change; the server refuses when there is a newer one. */
  readonly ifMatch?: string;
}

export interface AdminAnswer<T> {
  readonly body: T;
  readonly etag: string | null;
}

/** Calls the administration API as one client, with a token for each area and kind of access. */
export class AdminClient {
  readonly #tokens = new Map<string, Promise<AccessToken>>();
  /** Whether a token comes from an earlier run, and may be outdated. */
  #mayBeStale = false;

  constructor(
    private readonly connection: Connection,
    private readonly cache: TokenCache,
  ) {}

  /** @throws CliError when no server or client is configured */
  static connect(cli: Cli, options: ConnectionOptions): AdminClient {
    return AdminClient.of(cli, resolveConnection(cli, options));
  }

  static of({ environment }: Cli, connection: Connection): AdminClient {
    return new AdminClient(connection, new TokenCache(environment, connection));
  }

  /** When the last used token expires. */
  tokenExpiresAt: Date | null = null;

  /** @throws CliError when the server refuses or does not answer */
  async request<T>(area: AdministrativeArea, request: AdminRequest): Promise<AdminAnswer<T>> {
    let answer = await this.#send(area, request);
    // Tokens live for some minutes, and a long import may take longer. A token of an earlier run may be revoked, or
    // older than a scope of the client. A request that was refused because of its token had no effect, so it can be
    // repeated.
    if (answer.status === 401 || (answer.status === 403 && this.#mayBeStale)) {
      this.#mayBeStale = false;
      this.#tokens.clear();
      this.cache.clear();
      answer = await this.#send(area, request);
    }
    if (answer.status >= 400) throw explainRefusal(answer.status, answer.body);
    return { body: answer.body as T, etag: answer.headers.get('etag') };
  }

  async #send(area: AdministrativeArea, request: AdminRequest): Promise<HttpAnswer> {
    const { method = 'GET', body, ifMatch } = request;
    return send(this.connection.url, {
      method,
      path: `/admin/${request.path}${queryOf(request)}`,
      headers: {
        authorization: `Bearer ${(await this.#token(area, method === 'GET')).token}`,
        ...(body !== undefined && { 'content-type': contentTypeOf(method) }),
        ...(ifMatch !== undefined && { 'if-match': ifMatch }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  /** Whether the server issues a token with this scope to the client. @throws CliError for any other reason */
  async mayHave(scope: string): Promise<boolean> {
    return (await this.#requestToken(scope)) !== null;
  }

  async #token(area: AdministrativeArea, reading: boolean): Promise<AccessToken> {
    const key = `admin:${area}${reading ? ':read' : ''}`;
    const pending = this.#tokens.get(key) ?? this.#cachedOrNew(key, this.#candidates(area, reading));
    this.#tokens.set(key, pending);
    const token = await pending;
    this.tokenExpiresAt = new Date(token.expiresAt);
    return token;
  }

  async #cachedOrNew(key: string, candidates: Iterable<string | Promise<string>>): Promise<AccessToken> {
    const cached = this.cache.get(key);
    if (cached !== null) {
      this.#mayBeStale = true;
      return cached;
    }
    const token = await this.#firstToken(candidates);
    this.cache.set(key, token);
    return token;
  }

  /**
   * The scopes to request, best first: the server refuses scopes that the client does not have. For reading, the
   * smallest scope is enough. To give a client administrative scopes, a token must have all of them, so writing
   * requests all scopes of the client.
   */
  *#candidates(area: AdministrativeArea, reading: boolean): Generator<string | Promise<string>> {
    if (reading) yield `admin:${area}:read`;
    else if (area === 'clients' || area === 'scopes') {
      yield ADMINISTRATIVE_SCOPES.join(' ');
      yield this.#ownScopes();
    }
    yield `admin:${area}`;
  }

  /** The client's own administrative scopes; empty if it may not read them. */
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

  async #firstToken(candidates: Iterable<string | Promise<string>>): Promise<AccessToken> {
    let scope = '';
    for (const candidate of candidates) {
      scope = await candidate;
      const token = scope === '' ? null : await this.#requestToken(scope);
      if (token !== null) return token;
    }
    throw new CliError(
      `The client ${this.connection.clientId} lacks the scope ${scope}`,
      EXIT.unauthorized,
      'Give it the scope, or act as a client that has it.',
    );
  }

  /** @returns `null` when the client may not have the scope */
  async #requestToken(scope: string): Promise<AccessToken | null> {
    const issuedAt = Date.now();
    const form = { grant_type: 'client_credentials', scope };
    const { status, body } = await postForm(this.connection.url, '/oauth/token', form, this.connection);
    const token = tokenOf(body, issuedAt);
    if (token !== null) return token;
    if ((body as { error?: unknown } | null)?.error === 'invalid_scope') return null;
    throw explainRefusal(status, body);
  }
}

/** @param body of an answer of the token endpoint (RFC 6749 section 5.1) */
function tokenOf(body: unknown, issuedAt: number): AccessToken | null {
  const { access_token: token, expires_in: lifetime } = (body ?? {}) as Record<string, unknown>;
  if (typeof token !== 'string') return null;
  return { token, issuedAt, expiresAt: issuedAt + (typeof lifetime === 'number' ? lifetime : 0) * 1000 };
}

function contentTypeOf(method: HttpRequest['method']): string {
  return method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
}

function queryOf({ query = {} }: AdminRequest): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}
