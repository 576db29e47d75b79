/** The heading of the help for commands that talk to a running server. */
export const ONLINE =
  'On a running server (LATCHKEY_URL, LATCHKEY_CLIENT_ID, LATCHKEY_CLIENT_SECRET, or a profile):';

/** The heading of the help for commands that need no server. */
export const OFFLINE = 'On the database, without a server (same environment as the server):';
