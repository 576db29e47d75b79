import { healthDescription, openApiDocument } from '@latchkey/platform';
import { accountDescription } from './account.description.js';
import { authorizationsDescription } from './authorizations.description.js';
import { clientsDescription } from './clients.description.js';
import { errorDescription } from './problem.description.js';
import { oauthDescription, refusal } from './oauth.description.js';
import { operationsDescription } from './operations.description.js';
import { scopesDescription } from './scopes.description.js';
import { usersDescription } from './users.description.js';

/** All that the authorization server offers (OpenAPI 3.1). */
export const authorizationServerDocument = openApiDocument({
  title: 'Latchkey authorization server',
  description:
    'Issues, describes and revokes OAuth 2.0 tokens, and is administered under /admin. There, null members of a ' +
    'request count as absent, except in a merge patch, and a token with the scope admin:AREA may also read.',
  securitySchemes: {
    clientBasic: {
      type: 'http',
      scheme: 'basic',
      description: 'client_id and secret (RFC 6749 section 2.3.1)',
    },
    bearer: { type: 'http', scheme: 'bearer', description: 'An access token with the scopes that are named' },
  },
  parts: {
    OAuth: oauthDescription,
    Account: accountDescription,
    Clients: clientsDescription,
    Scopes: scopesDescription,
    Users: usersDescription,
    Authorizations: authorizationsDescription,
    Operations: operationsDescription,
    Health: healthDescription(refusal('')),
    Errors: errorDescription,
  },
});
