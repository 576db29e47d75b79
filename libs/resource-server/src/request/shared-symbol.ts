/**
 * A symbol that all copies of this package in an application share: the guard of one copy must find what another copy
 * stores on a route or a request. So only plain data is stored on routes, because each copy has classes of its own.
 */
export function sharedSymbol(name: string): symbol {
  return Symbol.for(`@latchkey/resource-server:${name}`);
}
