export default async function globalTeardown() {
  await globalThis.latchkeyPostgres?.stop();
}
