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
  /** The version that is changed; the server refuses when there is a newer one. */
  readonly ifMatch?: string;
}

export interface AdminAnswer<T> {
  readonly body: T;
  readonly etag: string | null;
}

/** Talks to the administration API as one client, with a token for each area and kind of access. */
export class AdminClient {
  readonly #tokens = new Map<string, Promise<AccessToken>>();
  /** Whether a token is of a run before this one, and may not be good any more. */
  #mayBeStale = false;

  constructor(
    private readonly connection: Connection,
    private readonly cache: TokenCache,
  ) {}

  /** @throws CliError when there is no server or client to use */
  static connect(cli: Cli, options: ConnectionOptions): AdminClient {
    return AdminClient.of(cli, resolveConnection(cli, options));
  }

  static of({ environment }: Cli, connection: Connection): AdminClient {
    return new AdminClient(connection, new TokenCache(environment, connection));
  }

  /** When the last token ends that was used. */
  tokenExpiresAt: Date | null = null;

  /** @throws CliError when the server refuses or cannot be asked */
  async request<T>(area: AdministrativeArea, request: AdminRequest): Promise<AdminAnswer<T>> {
    let answer = await this.#send(area, request);
    // Tokens live for some minutes, which a long import outlasts; one of a run before may have been revoked, or be from before
    // the client got a scope. What was refused for its token was not done.
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

  /** Whether the server gives the client a token with this scope. @throws CliError for any other reason */
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
   * The scopes to ask for, best first: the server refuses what the client has not. Reading takes as little as it needs.
   * Who gives a client administrative scopes must hold them in the same token, so that writing takes all there are.
   */
  *#candidates(area: AdministrativeArea, reading: boolean): Generator<string | Promise<string>> {
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
