/** A request and what is answered to it, on every version of Nest and on both platforms. */
export interface MatrixRequest {
  readonly method: string;
  readonly path: string;
  /** Names and values in turn, as they are sent. */
  readonly headers: readonly string[];
  readonly body?: string;
  readonly status: number;
  /** The error code of a refusal, or which handler answered; absent: the body does not matter. */
  readonly says?: string;
}

const FORM = 'application/x-www-form-urlencoded';

const bearer = (token: string | null): string[] =>
  token === null ? [] : ['authorization', `Bearer ${token}`];

type Row = readonly [method: string, path: string, token: string | null, status: number, says?: string];

const ROUTES: readonly Row[] = [
  // No token, and tokens of every kind, on a route without decorators.
  ['GET', '/api/plain', null, 401, 'invalid_token'],
  ['GET', '/api/plain', 'good', 200, 'plain'],
  ['GET', '/api/plain', 'bare', 200, 'plain'],
  ['GET', '/api/plain', 'unknown', 401, 'invalid_token'],
  ['GET', '/api/plain', 'expired', 401, 'invalid_token'],
  ['GET', '/api/plain', 'revoked', 401, 'invalid_token'],
  ['GET', '/api/plain', 'other-audience', 401, 'invalid_token'],
  ['GET', '/api/plain', 'other-issuer', 401, 'invalid_token'],
  ['GET', '/api/plain', 'unsound', 503, 'temporarily_unavailable'],
  ['POST', '/api/plain', null, 401, 'invalid_token'],
  ['POST', '/api/plain', 'good', 201, 'plain post'],
  ['PUT', '/api/plain', null, 404],
  ['GET', '/api/plain/none', null, 404],
  ['GET', '/plain', null, 404],
  ['GET', '/api/plain/open', null, 200, 'open'],
  ['GET', '/api/plain/open', 'good', 200, 'open'],
  ['GET', '/api/plain/open', 'unknown', 200, 'open'],
  ['GET', '/api/plain/token', null, 401, 'invalid_token'],
  ['GET', '/api/plain/token', 'good', 200],
  ['GET', '/api/plain/token', 'client', 403, 'access_denied'],
  ['GET', '/api/plain/teapot', null, 401, 'invalid_token'],
  ['GET', '/api/plain/teapot', 'good', 418, 'teapot'],
  ['GET', '/api/plain/denied', 'good', 403, 'access_denied'],
  // HEAD is GET without a body, or has a handler of its own; OPTIONS is a method as any other.
  ['HEAD', '/api/plain', null, 401],
  ['HEAD', '/api/plain', 'good', 200],
  ['HEAD', '/api/plain/open', null, 200],
  ['HEAD', '/api/plain/head', null, 401],
  ['HEAD', '/api/plain/head', 'good', 200],
  ['HEAD', '/api/scoped', 'bare', 403],
  ['OPTIONS', '/api/plain/options', null, 401, 'invalid_token'],
  ['OPTIONS', '/api/plain/options', 'good', 200, 'options'],
  // Decorators of class and handler.
  ['GET', '/api/public', null, 200, 'public'],
  ['GET', '/api/public/scoped', null, 401, 'invalid_token'],
  ['GET', '/api/public/scoped', 'bare', 403, 'insufficient_scope'],
  ['GET', '/api/public/scoped', 'good', 200, 'scoped in public'],
  ['GET', '/api/scoped', null, 401, 'invalid_token'],
  ['GET', '/api/scoped', 'bare', 403, 'insufficient_scope'],
  ['GET', '/api/scoped', 'good', 200, 'scoped'],
  ['DELETE', '/api/scoped', 'good', 403, 'insufficient_scope'],
  ['DELETE', '/api/scoped', 'writer', 200, 'scoped write'],
  ['GET', '/api/scoped/any', 'good', 403, 'insufficient_scope'],
  ['GET', '/api/scoped/any', 'writer', 200, 'any'],
  ['GET', '/api/scoped/open', null, 200, 'open in scoped'],
  // Inherited, and overridden, which keeps what its class requires.
  ['GET', '/api/child/inherited', null, 401, 'invalid_token'],
  ['GET', '/api/child/inherited', 'good', 403, 'insufficient_scope'],
  ['GET', '/api/child/inherited', 'writer', 200, 'inherited'],
  ['GET', '/api/child/overridden', 'bare', 403, 'insufficient_scope'],
  ['GET', '/api/child/overridden', 'good', 200, 'child'],
  // Owners.
  ['GET', '/api/users/alice/orders', null, 401, 'invalid_token'],
  ['GET', '/api/users/alice/orders', 'good', 200, 'user'],
  ['GET', '/api/users/alice/orders', 'bob', 403, 'access_denied'],
  ['GET', '/api/users/alice%20/orders', 'good', 403, 'access_denied'],
  ['GET', '/api/users/shop-backend/orders', 'client', 403, 'access_denied'],
  ['GET', '/api/orders/1', 'good', 200, 'order'],
  ['GET', '/api/orders/1', 'bob', 404, 'not_found'],
  ['GET', '/api/orders/2', 'good', 404, 'not_found'],
  ['GET', '/api/orders/broken', 'good', 503, 'temporarily_unavailable'],
  ['GET', '/api/own', 'client', 403, 'access_denied'],
  ['GET', '/api/own', 'good', 200, 'own'],
  ['GET', '/api/staff', 'good', 403, 'access_denied'],
  ['GET', '/api/staff', 'staff', 200, 'staff'],
  // Versions, prefix and its exceptions, module paths.
  ['GET', '/api/v1/things', null, 401, 'invalid_token'],
  ['GET', '/api/v1/things', 'good', 200, 'things 1'],
  ['GET', '/api/v2/things', 'good', 403, 'insufficient_scope'],
  ['GET', '/api/v2/things', 'writer', 200, 'things 2'],
  ['GET', '/api/v3/things', 'good', 403, 'insufficient_scope'],
  ['GET', '/api/v4/things', 'good', 404],
  ['GET', '/api/things', 'good', 404],
  ['GET', '/health', null, 200, 'health'],
  ['GET', '/api/health', null, 404],
  ['GET', '/api/status', null, 401, 'invalid_token'],
  ['GET', '/api/status', 'good', 200, 'status'],
  ['POST', '/status', 'good', 403, 'insufficient_scope'],
  ['POST', '/status', 'ruled', 201, 'status post'],
  ['GET', '/api/area/mounted', null, 401, 'invalid_token'],
  ['GET', '/api/area/mounted', 'bare', 403, 'insufficient_scope'],
  ['GET', '/api/area/mounted', 'good', 200, 'mounted'],
  // Scope rules of the options.
  ['GET', '/api/ruled', null, 401, 'invalid_token'],
  ['GET', '/api/ruled', 'good', 403, 'insufficient_scope'],
  ['GET', '/api/ruled', 'ruled', 200, 'ruled'],
  ['GET', '/api/ruled/deep/a/b', 'good', 403, 'insufficient_scope'],
  ['GET', '/api/ruled/deep/a/b', 'ruled', 200, 'ruled deep'],
  ['GET', '/api//ruled', 'good', 404],
  ['GET', '/api/caller/ruled', 'good', 403, 'insufficient_scope'],
  ['GET', '/api/caller/ruled', 'ruled', 200, 'caller ruled'],
  ['POST', '/api/ruled/all', 'good', 200, 'ruled all'],
  ['DELETE', '/api/ruled/all', 'ruled', 403, 'insufficient_scope'],
  // Controllers that are made for each request, and what stands between guard and handler.
  ['GET', '/api/scoped-to-request', null, 401, 'invalid_token'],
  ['GET', '/api/scoped-to-request', 'bare', 403, 'insufficient_scope'],
  ['GET', '/api/scoped-to-request', 'good', 200, 'request'],
  ['GET', '/api/caller', 'bare', 403, 'insufficient_scope'],
  ['GET', '/api/caller', 'good', 200, 'caller'],
  ['GET', '/api/intercepted', null, 401, 'invalid_token'],
  ['GET', '/api/intercepted', 'bare', 403, 'insufficient_scope'],
  ['GET', '/api/intercepted', 'good', 200, 'interceptor'],
  ['GET', '/api/filtered', null, 401, 'filter'],
  ['GET', '/api/filtered', 'good', 403, 'filter'],
  ['GET', '/api/filtered', 'writer', 200, 'filtered'],
  ['GET', '/api/lazy', null, 401, 'invalid_token'],
  ['GET', '/api/lazy', 'good', 200, 'late'],
  ['GET', '/api/guarded', null, 401, 'invalid_token'],
  ['GET', '/api/guarded', 'good', 200, 'guarded'],
  ['GET', '/api/guarded', 'mallory', 403],
  ['GET', '/api/guarded/open', null, 200, 'guarded open'],
  ['GET', '/api/events', null, 401, 'invalid_token'],
  ['GET', '/api/events', 'unknown', 401, 'invalid_token'],
  // What no controller answers: middleware, and a hook on Fastify.
  ['GET', '/board', null, 401, 'invalid_token'],
  ['GET', '/board', 'unknown', 401, 'invalid_token'],
  ['GET', '/board', 'good', 403, 'insufficient_scope'],
  ['GET', '/board', 'writer', 200, 'board'],
  ['GET', '/plugin', null, 401, 'invalid_token'],
  ['GET', '/plugin', 'revoked', 401, 'invalid_token'],
  ['GET', '/plugin', 'good', 403, 'insufficient_scope'],
  ['GET', '/plugin', 'writer', 200, 'plugin'],
  // A token that may be missing, logins that are strong and recent, policies.
  ['GET', '/api/special/optional', null, 200, 'optional'],
  ['GET', '/api/special/optional', 'good', 200, 'optional'],
  ['GET', '/api/special/optional', 'unknown', 401, 'invalid_token'],
  ['GET', '/api/special/optional', 'revoked', 401, 'invalid_token'],
  ['GET', '/api/special/optional/scoped', null, 401, 'invalid_token'],
  ['GET', '/api/special/optional/scoped', 'good', 200, 'scoped beside optional'],
  ['GET', '/api/special/strong', 'good', 401, 'insufficient_user_authentication'],
  ['GET', '/api/special/strong', 'strong', 200, 'strong'],
  ['GET', '/api/special/fresh', 'good', 401, 'insufficient_user_authentication'],
  ['GET', '/api/special/fresh', 'strong', 200, 'fresh'],
  ['GET', '/api/special/policy', 'good', 200, 'policy'],
  ['GET', '/api/special/policy', 'mallory', 403, 'access_denied'],
  ['GET', '/.well-known/oauth-protected-resource', null, 200],
];

/** What a client may write into the header, on a route that takes any good token. */
const CREDENTIALS: readonly (readonly [headers: readonly string[], status: number, says?: string])[] = [
  [['authorization', 'bearer good'], 200, 'plain'],
  [['authorization', 'BEARER good'], 200, 'plain'],
  [['AUTHORIZATION', 'Bearer good'], 200, 'plain'],
  [['authorization', 'Bearer  good'], 200, 'plain'],
  [['authorization', 'Bearer good '], 200, 'plain'],
  [['authorization', 'Bearer'], 401, 'invalid_token'],
  [['authorization', ''], 401, 'invalid_token'],
  [['authorization', 'good'], 401, 'invalid_token'],
  [['authorization', 'Basic Z29vZDpnb29k'], 401, 'invalid_token'],
  [['authorization', 'Bearer\tgood'], 401, 'invalid_token'],
  [['authorization', 'Bearer good good'], 401, 'invalid_token'],
  [['authorization', 'Bearer "good"'], 401, 'invalid_token'],
  [['authorization', 'Bearer good\u00e9'], 401, 'invalid_token'],
  [['authorization', `Bearer ${'a'.repeat(10_000)}`], 401, 'invalid_token'],
  [['authorization', 'Bearer good, Bearer good'], 400, 'invalid_request'],
  [['authorization', 'Bearer good', 'authorization', 'Bearer good'], 400, 'invalid_request'],
  [['authorization', 'Basic Z29vZDpnb29k', 'authorization', 'Bearer good'], 400, 'invalid_request'],
  [['x-authorization', 'Bearer good'], 401, 'invalid_token'],
  [['proxy-authorization', 'Bearer good'], 401, 'invalid_token'],
  [['cookie', 'access_token=good'], 401, 'invalid_token'],
];

const ELSEWHERE: readonly MatrixRequest[] = [
  { method: 'GET', path: '/api/plain?access_token=good', headers: [], status: 401, says: 'invalid_token' },
  {
    method: 'GET',
    path: '/api/plain?access_token=good',
    headers: bearer('good'),
    status: 400,
    says: 'invalid_request',
  },
  {
    method: 'POST',
    path: '/api/plain',
    headers: ['content-type', FORM],
    body: 'access_token=good',
    status: 401,
    says: 'invalid_token',
  },
  {
    method: 'POST',
    path: '/api/plain',
    headers: [...bearer('good'), 'content-type', FORM],
    body: 'access_token=good',
    status: 400,
    says: 'invalid_request',
  },
  {
    method: 'GET',
    path: '/api/by-host',
    headers: [...bearer('good'), 'host', 'api.example.test'],
    status: 200,
    says: 'host',
  },
  {
    method: 'GET',
    path: '/api/by-host',
    headers: ['host', 'api.example.test'],
    status: 401,
    says: 'invalid_token',
  },
];

export const MATRIX_REQUESTS: readonly MatrixRequest[] = [
  ...ROUTES.map(([method, path, token, status, says]) => ({
    method,
    path,
    headers: bearer(token),
    status,
    ...(says !== undefined && { says }),
  })),
  ...CREDENTIALS.map(([headers, status, says]) => ({
    method: 'GET',
    path: '/api/plain',
    headers,
    status,
    ...(says !== undefined && { says }),
  })),
  ...ELSEWHERE,
];
