/**
 * Makes something of each text once, and gives the same thing to all who ask again.
 *
 * @param limit of different texts that are kept: what strangers make up fills no memory, and is made anew each time
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
