/** How many attempts cost no waiting, how long those after them wait, and how long things last, in seconds. */
export const LIMITS = {
  freeAttempts: 3,
  baseDelay: 60,
  maxDelay: 600,
  attempt: 600,
  answerAgain: 10,
  freshLogin: 300,
  accessToken: 3600,
} as const;

export type Factor = 'otp' | 'recovery-code';

/** The client that asks who has a second factor, and the one that requires one. */
export type Through = 'lenient' | 'strict';

/** What is shown: the code of a time step of a secret, a recovery code by its number, or any other text. */
export type Proof =
  | { readonly kind: 'totp'; readonly secret: number; readonly step: number }
  | { readonly kind: 'recovery'; readonly number: number }
  | { readonly kind: 'text'; readonly text: string };

/** `id` names what the action may begin: a login, its attempt and session, or a secret. */
export type Action =
  | {
      readonly kind: 'password';
      readonly id: number;
      readonly client: Through;
      readonly right: boolean;
      readonly totp: Proof | null;
    }
  | {
      readonly kind: 'prove';
      readonly attempt: number;
      readonly client: Through;
      readonly factor: Factor;
      readonly proof: Proof;
    }
  | { readonly kind: 'associate'; readonly id: number; readonly attempt: number; readonly client: Through }
  | { readonly kind: 'refresh'; readonly session: number }
  | { readonly kind: 'add'; readonly id: number; readonly session: number }
  | { readonly kind: 'remove'; readonly session: number }
  | { readonly kind: 'disable' | 'enable' | 'reset' };

export type Outcome =
  | 'token pwd'
  | 'token mfa'
  | 'challenge'
  | 'enroll'
  | 'secret'
  | 'done'
  | 'nothing there'
  | 'has one'
  | 'refused';

export interface Attempt {
  readonly client: Through;
  readonly epoch: number;
  readonly begunAt: number;
  /** The proof that ended it, and when. */
  end: { readonly by: string; readonly at: number } | null;
}

export interface Session {
  readonly mfa: boolean;
  readonly epoch: number;
  readonly at: number;
  refreshed: boolean;
}

/** All that decides about one user. Times in seconds since the epoch. */
export interface State {
  now: number;
  /** The clock was set back: whether a token made before that opens /account is not of this model. */
  wasSetBack: boolean;
  enabled: boolean;
  epoch: number;
  /** The secret that is asked for, and one that waits for its first code. */
  secret: number | null;
  pending: number | null;
  /** Time steps of the secret whose codes were accepted, the last one last. */
  spent: number[];
  recoveryCodes: number[];
  failures: Record<'password' | Factor, { count: number; at: number }>;
  attempts: Record<number, Attempt>;
  sessions: Record<number, Session>;
}

export type Transition = readonly [State, Outcome];

export const STEP_SECONDS = 30;

export function stepAt(seconds: number): number {
  return Math.floor(seconds / STEP_SECONDS);
}

export function stateAt(now: number): State {
  const none = () => ({ count: 0, at: 0 });
  return {
    now,
    wasSetBack: false,
    enabled: true,
    epoch: 0,
    secret: null,
    pending: null,
    spent: [],
    recoveryCodes: [],
    failures: { password: none(), otp: none(), 'recovery-code': none() },
    attempts: {},
    sessions: {},
  };
}
