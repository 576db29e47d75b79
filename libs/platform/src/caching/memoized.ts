/**
 * Caches the result for each text, so that equal texts share one value.
 *
 * @param limit number of cached texts: texts from requests cannot fill the memory; beyond the limit values are made
 *   each time
 */
export function memoized<V>(limit: number, make: (text: string) => V): (text: string) => V {
  const made = new Map<string, V>();
  return (text) => {
    const known = made.get(text);
    if (known !== undefined) return known;
    const value = make(text);
    if (made.size < limit) made.set(text, value);
    return value;
  };
}
