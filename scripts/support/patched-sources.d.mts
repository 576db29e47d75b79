/** How a run of tests ended. */
export interface TestRun {
  readonly passed: boolean;
  readonly output: string;
}

/** A copy of the sources to break on purpose; the work tree is never touched. */
export class PatchedSources {
  private constructor();
  static copy(): Promise<PatchedSources>;
  /** Where the copy is. */
  readonly folder: string;
  /** @throws when the patch does not fit the sources any longer */
  apply(patch: string): Promise<void>;
  revert(patch: string): Promise<void>;
  /**
   * @param project of the Jest configuration
   * @param parameters Jest's own
   */
  runTests(
    project: string,
    parameters: readonly string[],
    environment?: Record<string, string>,
  ): Promise<TestRun>;
  remove(): Promise<void>;
}
