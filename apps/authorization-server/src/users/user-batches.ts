/** How many users are looked up, checked or stored by one statement. */
const MAX_BATCH = 100;

/**
 * Splits users, in their order, into batches without duplicate names: the users of one batch can be compared with the
 * database together, because none of them changes what is found for another.
 */
export function* batchesOf<T>(
  users: Iterable<T>,
  namesOf: (user: T) => readonly string[],
): Generator<[T, ...T[]]> {
  let batch: T[] = [];
  let names = new Set<string>();
  for (const user of users) {
    const own = namesOf(user);
    if (batch.length === MAX_BATCH || own.some((name) => names.has(name))) {
      yield batch as [T, ...T[]];
      batch = [];
      names = new Set();
    }
    batch.push(user);
    for (const name of own) names.add(name);
  }
  if (batch.length > 0) yield batch as [T, ...T[]];
}
