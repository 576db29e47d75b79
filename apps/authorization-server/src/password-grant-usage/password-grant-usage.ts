/** What one client has done with the password grant. Deleted users are not in it. */
export interface ClientPasswordUsage {
  readonly clientId: string;
  readonly clientName: string;
  readonly enabled: boolean;
  /** Last day (UTC, `YYYY-MM-DD`) of the password grant; `null`: no end. */
  readonly passwordGrantUntil: string | null;
  /** Users who have logged in through it. */
  readonly users: number;
  readonly logins: number;
  /** Milliseconds since the epoch. */
  readonly lastLoginAt: number;
}

/** What one user has done with the password grant through one client. */
export interface UserPasswordUsage {
  readonly sub: string;
  readonly username: string;
  readonly logins: number;
  /** Milliseconds since the epoch. */
  readonly lastLoginAt: number;
}

export interface UsageFilter {
  /** Leaves out whoever has not logged in since, in milliseconds since the epoch. */
  readonly since?: number;
}

/** Who still uses the password grant: what has to move before it can be switched off. */
export abstract class PasswordGrantUsage {
  /** Clients, the latest login first. It reads all of the table: for reports, not for requests by the second. */
  abstract clients(filter?: UsageFilter): Promise<ClientPasswordUsage[]>;

  /** Users of a client by their `sub`, at most `limit` of them, after the `sub` given. */
  abstract users(
    clientId: string,
    page: { readonly limit: number; readonly after: string | null },
    filter?: UsageFilter,
  ): Promise<UserPasswordUsage[]>;
}
