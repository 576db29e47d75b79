import { ROOT } from './admin-api.js';
import { ALICE, SHOP } from './builders.js';

export const PASSWORD = 'lantern crisp mortal tray';
export const SECRET = 'a-secret-of-my-own-0123456789abcdefgh';
const HASH = '$2b$04$abcdefghijklmnopqrstuuO7wfH1GL/N7VXYkDzMxEkwEcFzTYLTe';

/**
 * A command that asks. `{name}` is a new name each time, `{secret}` the id of the oldest secret of that client,
 * and `{factor}` that of the second factor of that user.
 */
export interface Interactive {
  readonly line: string;
  /** Its questions, and what is typed. */
  readonly asks: readonly (readonly [question: string, answer: string])[];
  /** What the terminal shows when it was done. */
  readonly shows: string;
  /** What it is about, made before. */
  readonly before?: readonly string[];
  /** On a database of its own, without a server. */
  readonly isOffline?: boolean;
}

type Asked = Interactive['asks'];

export const YES: Asked = [['[y/N] ', 'y']];
export const NEW_PASSWORD: Asked = [
  ['password: ', PASSWORD],
  ['password again: ', PASSWORD],
];
export const NEW_SECRET: Asked = [
  ['client secret: ', SECRET],
  ['client secret again: ', SECRET],
];
const LOGIN: Asked = [
  ['client secret: ', SHOP.secret],
  ['password: ', ALICE.password],
];
const USER = ['users create {name} --password-stdin'];
const CLIENT = ['clients create {name}', 'clients secrets add {name}'];
const TRIED = 'It works; the login was ended again.';
const SET = 'Set; all sessions have ended.';

/** Every command that asks. */
export const INTERACTIVE: readonly Interactive[] = [
  { line: 'login alice --client-id shop-backend', asks: LOGIN, shows: TRIED },
  { line: 'login alice --client-id shop-backend --secrets-stdin', asks: LOGIN, shows: TRIED },
  {
    line: 'profiles set {name} --url {url} --client-id root',
    asks: [['client secret: ', ROOT.secret]],
    shows: 'Stored in',
  },
  { line: 'users create {name}', asks: NEW_PASSWORD, shows: 'allowed_scope:' },
  { line: 'users create {name} --password-stdin', asks: NEW_PASSWORD, shows: 'allowed_scope:' },
  {
    line: 'users create {name} --password-hash-stdin',
    asks: [['password hash: ', HASH]],
    shows: 'allowed_scope:',
  },
  { line: 'users set-password {name}', asks: NEW_PASSWORD, shows: SET, before: USER },
  { line: 'users set-password {name} --password-stdin', asks: NEW_PASSWORD, shows: SET, before: USER },
  { line: 'users delete {name}', asks: YES, shows: 'Deleted.', before: USER },
  {
    line: 'factors remove {name} {factor}',
    asks: YES,
    shows: 'Removed; all sessions have ended.',
    before: [...USER, 'factors add {name}'],
  },
  { line: 'clients create {name} --secret-stdin', asks: NEW_SECRET, shows: 'client_name:' },
  { line: 'clients delete {name}', asks: YES, shows: 'Deleted.', before: CLIENT },
  {
    line: 'clients secrets add {name} --secret-stdin',
    asks: NEW_SECRET,
    shows: 'created_at:',
    before: CLIENT.slice(0, 1),
  },
  { line: 'clients secrets delete {name} {secret}', asks: YES, shows: 'Deleted.', before: CLIENT },
  { line: 'authorizations revoke --user {name}', asks: YES, shows: 'Revoked.', before: USER },
  { line: 'keys rotate sealing --revoke-others', asks: YES, shows: 'is refused.' },
  { line: 'bootstrap --secret-stdin', asks: NEW_SECRET, shows: 'Created the client', isOffline: true },
  {
    line: 'after-restore',
    asks: YES,
    shows: 'Made new keys.',
    before: ['migrate'],
    isOffline: true,
  },
  {
    line: 'apply -f {home}/nothing.yaml --prune',
    asks: YES,
    shows: 'Applied.',
    before: ['migrate', 'apply -f {home}/a-scope.yaml'],
    isOffline: true,
  },
];
