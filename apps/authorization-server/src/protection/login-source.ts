/** Where a login attempt comes from, as far as anybody knows. */
export interface LoginSource {
  /** The end user's address, said by a client that may say so; `null` when nobody knows it. */
  readonly address: string | null;
  /** What an earlier login on the same device returned; `null` without. */
  readonly device: string | null;
}
