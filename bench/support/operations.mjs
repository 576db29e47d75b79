// The requests of the benchmark and what a right answer to each is. All servers speak the same protocol, so one
// description serves them; only paths differ.
import { CLIENT, OWNERS } from './authorization-server.mjs';
import { basic, formPost } from './http-connection.mjs';

/** Gives one after the other, again and again. */
function cycle(items) {
  let turn = 0;
  return () => items[turn++ % items.length];
}

/** Gives each once. */
function once(items) {
  let turn = 0;
  return () => items[turn++] ?? null;
}

export function introspection(path, asker, tokens, parameter = 'token') {
  const authorization = asker === null ? {} : { authorization: basic(asker) };
  const requests = tokens.map((token) => formPost(path, authorization, `${parameter}=${token}`));
  return { next: cycle(requests), check: expectBody(/"active":true/) };
}

/** Each connection logs in an owner of its own: several attempts at once on one account would have to wait. */
export function password(path) {
  const headers = { authorization: basic(CLIENT) };
  const requests = OWNERS.map(({ username, password: secret }) =>
    formPost(
      path,
      headers,
      new URLSearchParams({ grant_type: 'password', scope: 'read', username, password: secret }).toString(),
    ),
  );
  return {
    next: (connection) => requests[connection],
    check: expectBody(/"access_token":".+"refresh_token":"/),
  };
}

export function clientCredentials(path) {
  const form = 'grant_type=client_credentials&scope=read';
  return {
    next: cycle([formPost(path, { authorization: basic(CLIENT) }, form)]),
    check: expectBody(/"access_token":"/),
  };
}

/** Each connection goes around its own share of the sessions; each answer must bring another refresh token. */
export function refresh(path, refreshTokens, connections) {
  const headers = { authorization: basic(CLIENT) };
  const tokens = [...refreshTokens];
  const places = Array.from({ length: connections }, (_, index) => index);
  return {
    next: (connection) =>
      formPost(path, headers, `grant_type=refresh_token&refresh_token=${tokens[places[connection]]}`),
    check: ({ status, body }, connection) => {
      const next = /"refresh_token":"([^"]+)"/.exec(body)?.[1];
      const place = places[connection];
      if (status !== 200 || next === undefined || next === tokens[place]) {
        throw new Error(`not rotated: ${status} ${body}`);
      }
      tokens[place] = next;
      places[connection] = place + connections < tokens.length ? place + connections : connection;
    },
  };
}

/** Each token once: a second revocation finds nothing to do. */
export function revocation(path, tokens, client = CLIENT) {
  const headers = { authorization: basic(client) };
  const requests = tokens.map((token) => formPost(path, headers, `token=${token}`));
  return { next: once(requests), check: expectBody(/^/) };
}

function expectBody(pattern) {
  return ({ status, body }) => {
    if (status !== 200 || !pattern.test(body)) throw new Error(`a wrong answer: ${status} ${body}`);
  };
}
