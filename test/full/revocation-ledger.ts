import { performance } from 'node:perf_hooks';

/** A token, and what was done to it; times by `performance.now()`. */
export interface LedgerToken {
  readonly name: string;
  readonly token: string;
  /** When its end was asked for; `null`: it is to live. */
  revokingAt: number | null;
  /** When the server said that it was done. */
  revokedAt: number | null;
}

/** What every guard said about every token, held against when the token was revoked. */
export class RevocationLedger {
  readonly tokens: LedgerToken[] = [];
  readonly violations: string[] = [];
  readonly verdicts = new Map<number, number>();
  /** Milliseconds after the acknowledgement at which the last request began that was let through. */
  longestAccepted = 0;

  /** @param boundMs how long after the acknowledgement a request may begin that is still let through */
  constructor(private readonly boundMs: number) {}

  add(name: string, token: string): LedgerToken {
    const entry = { name, token, revokingAt: null, revokedAt: null };
    this.tokens.push(entry);
    return entry;
  }

  async revoke(tokens: readonly LedgerToken[], act: () => Promise<unknown>): Promise<void> {
    for (const token of tokens) token.revokingAt = performance.now();
    await act();
    for (const token of tokens) token.revokedAt = performance.now();
  }

  note(guard: string, entry: LedgerToken, startedAt: number, status: number): void {
    this.verdicts.set(status, (this.verdicts.get(status) ?? 0) + 1);
    const complain = (what: string): void => void this.violations.push(`${guard}, ${entry.name}: ${what}`);
    if (status === 200) {
      const late = entry.revokedAt === null ? 0 : startedAt - entry.revokedAt;
      this.longestAccepted = Math.max(this.longestAccepted, late);
      if (late > this.boundMs) complain(`accepted ${Math.round(late)} ms after its revocation`);
    } else if (status === 401) {
      if (entry.revokingAt === null) complain('a live token was refused');
    } else if (status !== 503) complain(`answered with ${status}`);
  }
}
