/** By server and route: who may ask, and what it does. The order is that of the page. */
const CLIENT = 'a client';
const OWNER = 'a resource owner with the scope `account`';
const admin = (area) => `a client with \`admin:${area}\``;
const reader = (area) => `a client with \`admin:${area}\` or \`admin:${area}:read\``;

const OAUTH = {
  'POST /oauth/token': [
    CLIENT,
    'issues tokens: `password`, `refresh_token`, `client_credentials` (RFC 6749)',
  ],
  'POST /oauth/introspect': [
    'a client with `may_introspect`',
    'says whether a token is good, and what it grants (RFC 7662)',
  ],
  'POST /oauth/revoke': [CLIENT, 'ends the session of a token of its own (RFC 7009)'],
  'GET /oauth/revocations': [
    'a client with `may_introspect`',
    'the revocation feed: what ends tokens, as an event stream',
  ],
  'GET /oauth/jwks': ['anybody', 'the public keys of JWT access tokens (RFC 7517)'],
  'GET /.well-known/oauth-authorization-server': ['anybody', 'what this server can do, and where (RFC 8414)'],
};

const ACCOUNT = {
  'GET /account/authorizations': [OWNER, "lists the owner's own logins"],
  'DELETE /account/authorizations/:id': [OWNER, 'ends one of them'],
  'PUT /account/password': [OWNER, 'changes the password, which ends all sessions'],
};

const ADMIN = {
  'GET /admin/clients': [reader('clients'), 'lists clients'],
  'POST /admin/clients': [
    admin('clients'),
    'registers a client; a secret that the server makes is shown once',
  ],
  'GET /admin/clients/:client_id': [reader('clients'), 'shows a client'],
  'PUT /admin/clients/:client_id': [admin('clients'), 'replaces what is registered'],
  'PATCH /admin/clients/:client_id': [admin('clients'), 'changes what is given (RFC 7396)'],
  'DELETE /admin/clients/:client_id': [admin('clients'), 'deletes a client and ends all its tokens'],
  'POST /admin/clients/:client_id/disable': [
    admin('clients'),
    'disables a client, which ends all its tokens for good',
  ],
  'POST /admin/clients/:client_id/enable': [admin('clients'), 'enables it; ended tokens stay ended'],
  'GET /admin/clients/:client_id/secrets': [reader('clients'), 'lists its secrets, never their values'],
  'POST /admin/clients/:client_id/secrets': [
    admin('clients'),
    'adds a secret; the others may be given an end',
  ],
  'DELETE /admin/clients/:client_id/secrets/:id': [
    admin('clients'),
    'deletes a secret at once, and ends all tokens of the client',
  ],
  'GET /admin/scopes': [reader('scopes'), 'lists scopes'],
  'POST /admin/scopes': [admin('scopes'), 'creates a scope'],
  'GET /admin/scopes/:name': [reader('scopes'), 'shows a scope'],
  'PUT /admin/scopes/:name': [admin('scopes'), 'describes it anew'],
  'DELETE /admin/scopes/:name': [admin('scopes'), 'deletes it; refused while a client or user has it'],
  'GET /admin/scopes/:name/clients': [reader('scopes'), 'lists the clients that may ask for it'],
  'GET /admin/scopes/:name/clients/:client_id': [reader('scopes'), 'says whether a client may ask for it'],
  'PUT /admin/scopes/:name/clients/:client_id': [admin('scopes'), 'lets a client ask for it'],
  'DELETE /admin/scopes/:name/clients/:client_id': [admin('scopes'), 'lets a client no longer ask for it'],
  'GET /admin/users': [reader('users'), 'lists users'],
  'POST /admin/users': [admin('users'), 'creates a user'],
  'POST /admin/configuration/scopes': [
    '`admin:scopes`',
    'applies scopes of a configuration file, or says what that would change',
  ],
  'POST /admin/configuration/clients': [
    '`admin:clients`',
    'applies clients of a configuration file, or says what that would change',
  ],
  'POST /admin/configuration/users': [
    '`admin:users`',
    'applies users of a configuration file, or says what that would change',
  ],
  'POST /admin/users/import': [admin('users'), 'creates up to 1,000 users, all or none'],
  'GET /admin/users/:sub': [reader('users'), 'shows a user'],
  'PATCH /admin/users/:sub': [
    admin('users'),
    'changes groups, scopes, and whether the password must be changed',
  ],
  'DELETE /admin/users/:sub': [admin('users'), 'deletes a user and ends all sessions'],
  'PUT /admin/users/:sub/password': [admin('users'), 'sets the password, which ends all sessions'],
  'POST /admin/users/:sub/disable': [admin('users'), 'disables a user, which ends all sessions for good'],
  'POST /admin/users/:sub/enable': [admin('users'), 'enables it; ended sessions stay ended'],
  'POST /admin/users/:sub/unlock': [admin('users'), 'forgets failed logins'],
  'GET /admin/authorizations': [
    reader('authorizations'),
    'lists logins: of a user, through a client, by state',
  ],
  'GET /admin/authorizations/:id': [reader('authorizations'), 'shows one login, never its tokens'],
  'DELETE /admin/authorizations/:id': [admin('authorizations'), 'ends one login with all its tokens'],
  'POST /admin/authorizations/revoke': [admin('authorizations'), 'ends all logins of a user or of a client'],
  'GET /admin/keys': [reader('keys'), 'lists data keys, never their values'],
  'POST /admin/keys/rotate': [admin('keys'), 'puts the next key of a purpose to use'],
  'POST /admin/keys/revoke': [admin('keys'), 'refuses what the keys of a purpose so far have made'],
  'GET /admin/audit-events': [reader('audit'), 'lists what happened, newest first'],
  'GET /admin/password-grant-usage': [reader('clients'), 'tells who still uses the password grant'],
  'GET /admin/password-grant-usage/:client_id/users': [
    reader('clients'),
    'tells which users log in through a client',
  ],
};

const owner = (scope) => `a resource owner with the scope \`${scope}\``;

const RESOURCES = {
  'POST /resources': [owner('resources:write'), 'creates a resource of this owner'],
  'GET /resources': [owner('resources:read'), 'lists what the owner has, and what others share with it'],
  'GET /resources/:id': [owner('resources:read'), 'reads one that the owner may read'],
  'PUT /resources/:id': [owner('resources:write'), 'changes one that the owner may write'],
  'DELETE /resources/:id': [owner('resources:write'), 'deletes one of its own'],
  'PUT /resources/:id/permissions': [
    owner('resources:write'),
    'says who else may read or write one of its own',
  ],
};

const HEALTH = {
  'GET /health/live': ['anybody', 'whether the process runs'],
  'GET /health/ready': ['anybody', 'whether it should be sent requests; 503 while it is not'],
};

export const ENDPOINTS = {
  'Authorization server': { ...OAUTH, ...ACCOUNT, ...ADMIN, ...HEALTH },
  'Resource server': { ...RESOURCES, ...HEALTH },
};
