// Clients that write down what the server acknowledged, and compare it with what the server says after a crash.
/** Logins take long; with few of them there is time to refresh and to revoke before the crash comes. */
const SESSIONS_OF_A_CLIENT = 1;
/** When the crash comes, in milliseconds after the clients began. */
const CRASH_AFTER_MS = { least: 300, most: 3000 };
const CHECKS_AT_ONCE = 8;

/** What a check reads again of what earlier checks have read already. */
const OLD_SESSIONS_CHECKED = 100;

export class Ledger {
  /** What is not as it was acknowledged. */
  findings = [];
  acknowledged = { logins: 0, rotations: 0, revocations: 0 };
  /** Requests that a crash left without an answer. */
  unanswered = 0;
  #unchecked = [];
  #checked = [];

  /**
   * @param url of the server
   * @param client its credentials: it must be allowed to log in, to refresh and to introspect
   * @param users who log in; a login that a crash cuts off counts as an attempt against its user
   */
  constructor(url, client, users) {
    this.url = url;
    this.users = users;
    this.authorization = `Basic ${Buffer.from(`${client.clientId}:${client.secret}`).toString('base64')}`;
  }

  /** One client at work, until it is told to stop or an answer does not come. */
  async work(isStopped, number) {
    const user = this.users[number % this.users.length];
    const live = [];
    while (!isStopped()) {
      const session = live[Math.floor(Math.random() * live.length)];
      const goesOn =
        session === undefined || live.length < SESSIONS_OF_A_CLIENT
          ? await this.#login(live, user)
          : Math.random() < 0.7
            ? await this.#refresh(session)
            : await this.#revoke(session, live);
      if (!goesOn) return;
    }
  }

  /** Compares, and goes on from what the server says. @param everything also what was compared before */
  async check({ everything = false } = {}) {
    const old = this.#checked;
    const sample = everything ? old : old.filter(() => Math.random() * old.length < OLD_SESSIONS_CHECKED);
    const sessions = [...this.#unchecked, ...sample];
    this.#checked.push(...this.#unchecked);
    this.#unchecked = [];
    const workers = Array.from({ length: CHECKS_AT_ONCE }, async () => {
      for (let session = sessions.pop(); session !== undefined; session = sessions.pop()) {
        await this.#checkSession(session);
      }
    });
    await Promise.all(workers);
  }

  async #login(live, user) {
    const answer = await this.#post('/oauth/token', { grant_type: 'password', ...user });
    if (answer === null) return false;
    if (answer.status !== 200) return this.#find('login', answer);
    this.acknowledged.logins++;
    const { access_token: token, refresh_token: refreshToken } = answer.json;
    const session = { tokens: [token], refreshToken, state: 'live' };
    live.push(session);
    this.#unchecked.push(session);
    return true;
  }

  async #refresh(session) {
    const answer = await this.#postRefresh(session);
    // Whether it was rotated nobody knows; the last acknowledged token must still do.
    if (answer === null) return false;
    if (answer.status !== 200) return this.#find('refresh', answer);
    this.#renew(session, answer);
    return true;
  }

  async #revoke(session, live) {
    live.splice(live.indexOf(session), 1);
    const answer = await this.#post('/oauth/revoke', { token: session.refreshToken });
    if (answer === null) {
      session.state = 'unknown';
      return false;
    }
    if (answer.status !== 200) return this.#find('revoke', answer);
    this.acknowledged.revocations++;
    session.state = 'revoked';
    return true;
  }

  async #checkSession(session) {
    if (session.state === 'unknown') {
      await this.#post('/oauth/revoke', { token: session.refreshToken });
      session.state = 'revoked';
    }
    const isLive = session.state === 'live';
    for (const token of session.tokens) {
      const answer = await this.#post('/oauth/introspect', { token });
      if (answer?.json?.active !== isLive) this.#find(`introspection of a ${session.state} token`, answer);
    }
    const answer = await this.#postRefresh(session);
    if (answer?.status !== (isLive ? 200 : 400)) this.#find(`refresh of a ${session.state} session`, answer);
    else if (isLive) this.#renew(session, answer);
  }

  #renew(session, { json: { access_token: token, refresh_token: refreshToken } }) {
    if (refreshToken !== session.refreshToken) this.acknowledged.rotations++;
    session.refreshToken = refreshToken;
    // The first and the last: all of them would make the ledger the slowest part.
    session.tokens = [session.tokens[0], token];
  }

  #postRefresh({ refreshToken }) {
    return this.#post('/oauth/token', { grant_type: 'refresh_token', refresh_token: refreshToken });
  }

  /** @returns null without an answer, or with one that says that nothing is known (5xx) */
  async #post(path, form) {
    try {
      const response = await fetch(this.url + path, {
        method: 'POST',
        headers: { authorization: this.authorization },
        body: new URLSearchParams(form),
      });
      const text = await response.text();
      if (response.status < 500)
        return { status: response.status, json: text === '' ? null : JSON.parse(text) };
    } catch {
      // The server is gone.
    }
    this.unanswered++;
    return null;
  }

  #find(what, answer) {
    this.findings.push(`${what}: ${JSON.stringify(answer)}`);
    return true;
  }
}

/**
 * Crashes something at a random moment of a mixed load, again and again, and compares after each time.
 *
 * @param crash ends when it has crashed
 * @param recover ends when the server is ready again
 */
export async function crashAgainAndAgain(ledger, { rounds, clients = 6, crash, recover }) {
  for (let round = 0; round < rounds; round++) {
    let isStopped = false;
    const working = Array.from({ length: clients }, (_, number) => ledger.work(() => isStopped, number));
    const { least, most } = CRASH_AFTER_MS;
    await new Promise((resolve) => setTimeout(resolve, least + Math.random() * (most - least)));
    await crash();
    isStopped = true;
    await Promise.all(working);
    await recover();
    await ledger.check({ everything: round === rounds - 1 });
  }
}
