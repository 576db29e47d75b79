import type { Page } from '@latchkey/platform/http';

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

export interface UsagePage {
  readonly limit: number;
  /** Where the page before ended, as its `next` says. */
  readonly after: string | null;
}

/** Who still uses the password grant: what has to move before it can be switched off. */
export abstract class PasswordGrantUsage {
  /** Clients, the latest login first. */
  abstract clients(page: UsagePage, filter?: UsageFilter): Promise<Page<ClientPasswordUsage>>;

  /** Users of a client, in the order in which they were created. */
  abstract users(clientId: string, page: UsagePage, filter?: UsageFilter): Promise<Page<UserPasswordUsage>>;
}
