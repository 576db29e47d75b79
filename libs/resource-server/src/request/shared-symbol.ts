/**
 * An application may have several copies of this package, each with symbols of its own; what one copy writes on a route or a
 * request, the guard of another must find. What is stored on a route is therefore plain data: an object of one copy's class
 * is none of the other's.
 */
export function sharedSymbol(name: string): symbol {
  return Symbol.for(`@latchkey/resource-server:${name}`);
}
