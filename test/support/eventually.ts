/** Repeats a check until it passes; fails as it failed last, after some ten seconds. */
export async function eventually(check: () => unknown): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await check();
      return;
    } catch (error) {
      if (attempt === 1000) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
