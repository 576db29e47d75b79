/** How a run of tests ended. */
export interface TestRun {
  readonly passed: boolean;
  readonly output: string;
}

/** A copy of the sources to break on purpose; the work tree is never touched. */
export class SourcesCopy {
  private constructor();
  static make(): Promise<SourcesCopy>;
  readonly folder: string;
  /** @param files of the copy, as they are while the action runs */
  change<T>(files: ReadonlyMap<string, string>, action: () => Promise<T>): Promise<T>;
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
