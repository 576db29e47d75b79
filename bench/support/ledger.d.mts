/** What the server acknowledged, and what is not so afterwards. */
export class Ledger {
  constructor(
    url: string,
    client: { readonly clientId: string; readonly secret: string },
    users: readonly { readonly username: string; readonly password: string }[],
  );
  readonly findings: readonly string[];
  readonly acknowledged: {
    readonly logins: number;
    readonly rotations: number;
    readonly revocations: number;
  };
  readonly unanswered: number;
}

/** Crashes something at random moments of a mixed load, and compares after each time. */
export function crashAgainAndAgain(
  ledger: Ledger,
  options: {
    readonly rounds: number;
    readonly clients?: number;
    readonly crash: () => Promise<unknown>;
    readonly recover: () => Promise<unknown>;
  },
): Promise<void>;
