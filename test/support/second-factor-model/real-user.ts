import { expect } from '@jest/globals';
import { decodeJwt } from 'jose';
import { FACTORS } from '../../../apps/authorization-server/src/oauth/token/grants/second-factor.js';
import { administerUser, newUserLike, type Owner } from '../administration.js';
import { ALICE } from '../builders.js';
import { expectBearerChallenge, expectOAuthError, expectTokens } from '../expectations.js';
import { postForm, type Answer } from '../http.js';
import { account, Authenticator, enrol, type MfaRequired } from '../second-factors.js';
import { CLIENTS, type ModelServers } from './servers.js';
import {
  stepAt,
  STEP_SECONDS,
  type Action,
  type Outcome,
  type Proof,
  type State,
  type Through,
} from './state.js';

interface Login {
  readonly client: Through;
  readonly accessToken: string;
  readonly refreshToken: string;
}

interface Attempt {
  readonly client: Through;
  readonly handle: string;
}

/** A user of the real servers, and what clients and thieves have got for this user so far. */
export class RealUser {
  readonly attempts = new Map<number, Attempt>();
  readonly logins = new Map<number, Login>();
  /** By the number of their secret. */
  readonly #authenticators = new Map<number, Authenticator>();
  #recoveryCodes: string[] = [];

  private constructor(
    readonly servers: ModelServers,
    private readonly owner: Owner,
    private readonly sub: string,
    private readonly address: string,
  ) {}

  /** @param address that no other user has */
  static async begin(servers: ModelServers, address: string): Promise<RealUser> {
    const owner = await newUserLike(servers.next, ALICE);
    const sub = await administerUser(servers.next, owner.username).sub();
    return new RealUser(servers, owner, sub, address);
  }

  /** Gives the user a secret and recovery codes. @returns the time steps whose codes that took, and the codes' numbers */
  async enrol(secret: number): Promise<Pick<State, 'spent' | 'recoveryCodes'>> {
    const stack = this.servers.nextWithoutMemory;
    const first = stepAt(this.servers.now);
    const authenticator = await enrol(stack, this.owner);
    this.#authenticators.set(secret, authenticator);
    const login = expectTokens(await stack.login(this.owner, { totp: authenticator.codeOf(first) }));
    const renewed = await account(stack, 'POST', '/recovery-codes', login.access_token);
    this.#recoveryCodes = (renewed.json as { codes: string[] }).codes;
    this.servers.pass(2 * STEP_SECONDS);
    return { spent: [first - 1, first], recoveryCodes: [...this.#recoveryCodes.keys()] };
  }

  async perform(action: Action): Promise<Outcome> {
    switch (action.kind) {
      case 'password':
        return this.#logIn(action);
      case 'prove': {
        const { grantType, parameters } = FACTORS[action.factor];
        const form = { grant_type: grantType, [parameters[0]]: this.#textOf(action.proof) };
        return this.#keepLogin(action.attempt, action.client, await this.#post('token', action, form));
      }
      case 'associate': {
        const answer = await this.#post('mfa/associate', action, {});
        if (answer.status === 200) return this.#keepSecret(action.id, answer);
        if (answer.status === 400) return refused(answer);
        expectOAuthError(answer, 403, 'access_denied');
        return 'has one';
      }
      case 'refresh': {
        const { client, refreshToken } = this.#login(action.session);
        const answer = await this.servers.next.refresh(refreshToken, {}, CLIENTS[client]);
        return answer.status === 200 ? outcomeOf(expectTokens(answer).access_token) : refused(answer);
      }
      case 'add': {
        const { accessToken } = this.#login(action.session);
        const answer = await account(this.servers.nextWithoutMemory, 'POST', '/factors', accessToken, {
          type: 'totp',
        });
        return answer.status === 201 ? this.#keepSecret(action.id, answer) : refusedByGuard(answer);
      }
      case 'remove':
        return this.#remove(this.#login(action.session).accessToken);
      case 'disable':
      case 'enable':
      case 'reset': {
        const path = action.kind === 'reset' ? 'reset-factors' : action.kind;
        expect((await this.servers.administer(`/users/${this.sub}/${path}`)).status).toBe(200);
        return 'done';
      }
    }
  }

  async isActive(login: number): Promise<boolean> {
    const answer = await this.servers.nextWithoutMemory.introspect(this.#login(login).accessToken);
    return (answer.json as { active: boolean }).active;
  }

  async #logIn(action: Action & { kind: 'password' }): Promise<Outcome> {
    const { id, client, right, totp } = action;
    const { username, password } = this.owner;
    const form = { grant_type: 'password', username, password: right ? password : 'a wrong guess' };
    const more: Record<string, string> = totp === null ? {} : { totp: this.#textOf(totp) };
    const answer = await postForm(
      `${this.servers.next.issuer}/oauth/token`,
      { ...form, ...more },
      CLIENTS[client],
      this.#headers,
    );
    // The factors were reset while the password was checked: a client tries again.
    if (answer.status === 503) return this.#logIn(action);
    if (answer.status !== 403) return this.#keepLogin(id, client, answer);
    expectOAuthError(answer, 403, 'mfa_required');
    const { mfa_token: handle, mfa_requirements: requirements } = answer.json as MfaRequired;
    this.attempts.set(id, { client, handle });
    return requirements.challenge === undefined ? 'enroll' : 'challenge';
  }

  #post(
    path: string,
    { attempt, client }: Action & { kind: 'prove' | 'associate' },
    form: Record<string, string>,
  ): Promise<Answer> {
    const { handle } = this.attempts.get(attempt) ?? { handle: '' };
    const url = `${this.servers.next.issuer}/oauth/${path}`;
    return postForm(url, { ...form, mfa_token: handle }, CLIENTS[client], this.#headers);
  }

  /** One login has one pair of tokens, however often its answer is given. */
  #keepLogin(id: number, client: Through, answer: Answer): Outcome {
    if (answer.status !== 200) return refused(answer);
    const { access_token: accessToken, refresh_token: refreshToken = '' } = expectTokens(answer);
    const { sid } = decodeJwt(accessToken);
    for (const [other, login] of this.logins) {
      expect([sid === decodeJwt(login.accessToken).sid, refreshToken === login.refreshToken]).toEqual(
        Array(2).fill(other === id),
      );
    }
    this.logins.set(id, { client, accessToken, refreshToken });
    return outcomeOf(accessToken);
  }

  #keepSecret(id: number, { json }: Answer): Outcome {
    this.#authenticators.set(id, new Authenticator((json as { secret: string }).secret));
    return 'secret';
  }

  async #remove(token: string): Promise<Outcome> {
    const stack = this.servers.nextWithoutMemory;
    const listed = await account(stack, 'GET', '/factors', token);
    if (listed.status !== 200) return refusedByGuard(listed);
    const { data } = listed.json as { data: { id: string; state: string }[] };
    const active = data.find(({ state }) => state === 'active');
    if (active === undefined) return 'nothing there';
    const answer = await account(stack, 'DELETE', `/factors/${active.id}`, token);
    // Another request has removed it since it was listed.
    if (answer.status === 404) return 'nothing there';
    return answer.status === 204 ? 'done' : refusedByGuard(answer);
  }

  #textOf(proof: Proof): string {
    if (proof.kind === 'text') return proof.text;
    if (proof.kind === 'recovery') return this.#recoveryCodes[proof.number] ?? 'none';
    return this.#authenticators.get(proof.secret)?.codeOf(proof.step) ?? 'none';
  }

  #login(id: number): Login {
    const login = this.logins.get(id);
    if (login === undefined) throw new Error(`There is no login ${id}`);
    return login;
  }

  get #headers(): Record<string, string> {
    return { 'latchkey-forwarded-for': this.address };
  }
}

function outcomeOf(accessToken: string): Outcome {
  const { acr } = decodeJwt(accessToken);
  return acr === 'urn:latchkey:acr:mfa' ? 'token mfa' : 'token pwd';
}

/** Anything else than this refusal is a defect. */
function refused(answer: Answer): Outcome {
  expectOAuthError(answer, 400, 'invalid_grant');
  return 'refused';
}

function refusedByGuard(answer: Answer): Outcome {
  const { error } = answer.json as { error: string };
  expect(['invalid_token', 'insufficient_user_authentication']).toContain(error);
  expectBearerChallenge(answer, 401, error);
  return 'refused';
}
