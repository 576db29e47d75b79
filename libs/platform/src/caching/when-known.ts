type Known<T extends readonly unknown[]> = { -readonly [Index in keyof T]: Awaited<T[Index]> };

/** Uses values at once where all of them are known, and else when the last of them has been read. */
export function whenKnown<const T extends readonly unknown[], R>(
  values: T,
  use: (...values: Known<T>) => R | Promise<R>,
): R | Promise<R> {
  if (!values.some((value) => value instanceof Promise)) return use(...(values as Known<T>));
  return Promise.all(values).then((known) => use(...(known as Known<T>)));
}
