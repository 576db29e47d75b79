import {
  LIMITS,
  stepAt,
  type Action,
  type Attempt,
  type Factor,
  type Outcome,
  type Proof,
  type Session,
  type State,
  type Transition,
} from './state.js';

/**
 * What may be accepted, as the design has it: a small model of one user, without how it is kept.
 */

/** What an action may come to, and what is so afterwards: one way, but for what this model leaves open. */
export function transitionsOf(before: State, action: Action): Transition[] {
  const state = structuredClone(before);
  const open = isOpen(state, action);
  const outcome = act(state, action);
  if (!open) return [[state, outcome]];
  return [
    [state, outcome],
    [before, 'refused'],
  ];
}

function act(state: State, action: Action): Outcome {
  switch (action.kind) {
    case 'password':
      return logIn(state, action);
    case 'prove':
      return prove(state, action);
    case 'associate':
      return associate(state, action);
    case 'refresh': {
      const session = state.sessions[action.session];
      if (session === undefined || !isLive(state, session)) return 'refused';
      session.refreshed = true;
      return session.mfa ? 'token mfa' : 'token pwd';
    }
    case 'add':
      if (!mayChangeFactors(state, action.session)) return 'refused';
      state.pending = action.id;
      return 'secret';
    case 'remove':
      return remove(state, action.session);
    case 'disable':
    case 'enable':
      state.enabled = action.kind === 'enable';
      if (!state.enabled) state.epoch++;
      return 'done';
    case 'reset':
      forgetFactors(state);
      state.epoch++;
      return 'done';
  }
}

function logIn(state: State, { id, client, right, totp }: Action & { kind: 'password' }): Outcome {
  if (!isAdmitted(state, 'password')) return 'refused';
  if (!right || !state.enabled) return fail(state, 'password');
  const { secret, epoch, now } = state;
  if (secret === null && client === 'lenient') return succeed(state, 'password', id);
  if (secret !== null && totp !== null) {
    if (!isAdmitted(state, 'otp')) return 'refused';
    return spend(state, 'otp', totp) ? succeed(state, 'otp', id) : fail(state, 'otp');
  }
  state.attempts[id] = { client, epoch, begunAt: now, end: null };
  return secret === null ? 'enroll' : 'challenge';
}

function prove(state: State, { attempt: id, client, factor, proof }: Action & { kind: 'prove' }): Outcome {
  const attempt = state.attempts[id];
  if (attempt?.client !== client) return 'refused';
  const by = `${factor} ${JSON.stringify(proof)}`;
  if (attempt.end !== null) {
    const isAgain = attempt.end.by === by && Math.abs(state.now - attempt.end.at) <= LIMITS.answerAgain;
    const session = state.sessions[id];
    const isAsBefore = session !== undefined && isLive(state, session) && !session.refreshed;
    return isAgain && isAsBefore ? 'token mfa' : 'refused';
  }
  if (!waits(state, attempt) || !isAdmitted(state, factor)) return 'refused';
  if (!spend(state, factor, proof)) return fail(state, factor);
  attempt.end = { by, at: state.now };
  return succeed(state, factor, id);
}

function associate(state: State, { id, attempt: of, client }: Action & { kind: 'associate' }): Outcome {
  const attempt = state.attempts[of];
  if (attempt?.client !== client || attempt.end !== null || !waits(state, attempt)) return 'refused';
  if (state.secret !== null) return 'has one';
  state.pending = id;
  return 'secret';
}

function remove(state: State, session: number): Outcome {
  if (!opensAccount(state, session)) return 'refused';
  if (state.secret === null) return 'nothing there';
  if (!mayChangeFactors(state, session)) return 'refused';
  forgetFactors(state);
  return 'done';
}

/** The attempt is neither too old, nor was its user changed in a way that ends logins. */
function waits({ now, enabled, epoch }: State, attempt: Attempt): boolean {
  return enabled && attempt.epoch === epoch && now < attempt.begunAt + LIMITS.attempt;
}

/** @returns whether the proof was good; it is good no more */
function spend(state: State, factor: Factor, proof: Proof): boolean {
  if (factor === 'recovery-code') {
    const isLeft = proof.kind === 'recovery' && state.recoveryCodes.includes(proof.number);
    if (isLeft) state.recoveryCodes = state.recoveryCodes.filter((number) => number !== proof.number);
    return isLeft;
  }
  if (proof.kind !== 'totp') return false;
  const { step } = proof;
  const latest = stepAt(state.now) + 1;
  if (step < latest - 2 || step > latest) return false;
  if (state.secret === null) {
    if (proof.secret !== state.pending) return false;
    Object.assign(state, { secret: proof.secret, pending: null, spent: [step] });
    return true;
  }
  const last = state.spent.at(-1) ?? 0;
  // Codes go forward, but for a clock that was set back.
  if (proof.secret !== state.secret || state.spent.includes(step) || (last >= step && last <= latest))
    return false;
  state.spent.push(step);
  return true;
}

function forgetFactors(state: State): void {
  Object.assign(state, { secret: null, pending: null, spent: [], recoveryCodes: [] });
}

function isAdmitted({ failures, now }: State, bucket: keyof State['failures']): boolean {
  const failed = failures[bucket];
  const doublings = failed.count - LIMITS.freeAttempts;
  if (doublings < 0) return true;
  if (now >= failed.at + Math.min(LIMITS.baseDelay * 2 ** doublings, LIMITS.maxDelay)) return true;
  // A time in the future counts as now.
  failed.at = Math.min(failed.at, now);
  return false;
}

/** Counts what was judged and wrong. */
export function fail({ failures, now }: State, bucket: keyof State['failures']): Outcome {
  failures[bucket] = { count: failures[bucket].count + 1, at: now };
  return 'refused';
}

function succeed(state: State, bucket: keyof State['failures'], session: number): Outcome {
  const { epoch, now } = state;
  state.failures.password.count = state.failures[bucket].count = 0;
  const mfa = bucket !== 'password';
  state.sessions[session] = { mfa, epoch, at: now, refreshed: false };
  return mfa ? 'token mfa' : 'token pwd';
}

export function isLive({ enabled, epoch }: State, session: Session): boolean {
  return enabled && session.epoch === epoch;
}

function opensAccount(state: State, id: number): boolean {
  const session = state.sessions[id];
  return session !== undefined && isLive(state, session) && state.now < session.at + LIMITS.accessToken;
}

function mayChangeFactors(state: State, id: number): boolean {
  const session = state.sessions[id];
  const isFresh = session !== undefined && state.now <= session.at + LIMITS.freshLogin;
  return opensAccount(state, id) && isFresh && (state.secret === null || session.mfa);
}

function isOpen({ wasSetBack }: State, { kind }: Action): boolean {
  return wasSetBack && (kind === 'add' || kind === 'remove');
}
