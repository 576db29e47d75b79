type Known<T extends readonly unknown[]> = { -readonly [Index in keyof T]: Awaited<T[Index]> };

/** Calls the function at once if all values are known, else after the last promise has resolved. */
export function whenKnown<const T extends readonly unknown[], R>(
  values: T,
  use: (...values: Known<T>) => R | Promise<R>,
): R | Promise<R> {
  if (!values.some((value) => value instanceof Promise)) return use(...(values as Known<T>));
  return Promise.all(values).then((known) => use(...(known as Known<T>)));
}
