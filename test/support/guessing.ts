import { aClient, aConfiguration, ALICE, aResourceServer, OTHER, SHOP } from './builders.js';
import { postForm, type Answer, type Credentials } from './http.js';
import type { Stack, StackOptions } from './stack.js';

/** How many attempts cost no waiting where {@link STRICT} is in force. */
export const FREE_ATTEMPTS = 4;

/** Delays that no test lives through, and time for guesses to overtake each other. The shop forwards end users' addresses, the other client may not. */
export const STRICT: StackOptions = {
  realHashes: true,
  configuration: aConfiguration({
    clients: [
      aClient({ forwards_end_user_address: true }),
      aClient({ client_id: OTHER.clientId, client_secret: OTHER.secret }),
      aResourceServer(),
    ],
  }),
  environment: {
    THROTTLE_FREE_ATTEMPTS: String(FREE_ATTEMPTS),
    THROTTLE_BASE_DELAY: '60',
    THROTTLE_MAX_DELAY: '600',
  },
};

interface Attempt {
  username?: string;
  /** The end user's address, as the client tells it. */
  from?: string;
  client?: Credentials;
  headers?: Record<string, string>;
}

/** One login with this password; alice's at the shop unless the attempt says otherwise. */
export function tryPassword(
  stack: Stack,
  password: string,
  { username = ALICE.username, from, client = SHOP, headers = {} }: Attempt = {},
): Promise<Answer> {
  const address: Record<string, string> = from === undefined ? {} : { 'latchkey-forwarded-for': from };
  return postForm(`${stack.issuer}/oauth/token`, { grant_type: 'password', username, password }, client, {
    ...address,
    ...headers,
  });
}
