import { SIGNING_ALGORITHMS } from '@latchkey/contracts';
import type { TokenExpectations } from '../claims/access-token-claims.js';
import { readClaimSettings } from './claim-settings.js';
import type { IssuerOptions, IssuerResolver, JwksOptions } from './issuer-options.js';
import type { OptionChecks } from './option-checks.js';
import type { ResourceServerOptions } from './resource-server-options.js';

/** A day, in milliseconds. */
const DAY_MS = 86_400_000;

/** Signatures that a public key verifies; never `none`, never a shared secret. */
const ALGORITHM = /^(?:(?:ES|RS|PS)(?:256|384|512)|EdDSA|Ed25519)$/;

/** How JWTs are validated locally. */
export interface LocalSettings {
  /** `null`: as in the metadata of the issuer. */
  readonly uri: string | null;
  /** `null`: as in the specifications. */
  readonly metadataUri: string | null;
  readonly algorithms: readonly string[];
  /** In lower case; `null`: no `typ`. */
  readonly types: readonly (string | null)[];
  readonly maxAgeMs: number;
  readonly cooldownMs: number;
}

/** An issuer whose tokens are validated by its keys only. */
export interface IssuerSettings extends Required<TokenExpectations> {
  readonly local: LocalSettings;
}

/** The known issuers, and a function that finds others. */
export interface IssuersSettings {
  readonly known: readonly IssuerSettings[];
  readonly resolve: IssuerResolver | null;
  /** The audience of issuers that are found and have none of their own. */
  readonly audience: readonly string[];
}

export function readLocal(jwks: JwksOptions | undefined, checks: OptionChecks): LocalSettings {
  const { uri, metadataUri, algorithms = SIGNING_ALGORITHMS, types = ['at+jwt'] } = jwks ?? {};
  if (uri !== undefined) checks.endpoint('jwks.uri', uri);
  if (metadataUri !== undefined) checks.endpoint('jwks.metadataUri', metadataUri);
  checks.check(
    algorithms.length > 0 && algorithms.every((name) => ALGORITHM.test(name)),
    'jwks.algorithms must be signatures with public keys',
  );
  checks.check(types.length > 0, 'jwks.types must name a type, or null');
  const maxAgeMs = checks.integer('jwks.maxAgeMs', jwks?.maxAgeMs ?? 300_000, 1000, DAY_MS);
  const cooldownMs = checks.integer('jwks.cooldownMs', jwks?.cooldownMs ?? 5000, 100, DAY_MS);
  // Otherwise there would be no usable keys from the end of the one to the end of the other.
  checks.check(cooldownMs <= maxAgeMs, `jwks.cooldownMs (${cooldownMs}) must not be more than jwks.maxAgeMs`);
  return Object.freeze({
    uri: uri ?? null,
    metadataUri: metadataUri ?? null,
    algorithms: Object.freeze([...algorithms]),
    types: Object.freeze(types.map((type) => type?.toLowerCase() ?? null)),
    maxAgeMs,
    cooldownMs,
  });
}

/** @param audience of the module */
export function readIssuer(
  options: IssuerOptions,
  audience: readonly string[],
  checks: OptionChecks,
): IssuerSettings {
  const { issuer, subjectPrefix, jwks, claims } = options;
  checks.endpoint('issuer', issuer);
  checks.check(
    !claims?.mayBeMissing?.length,
    'claims.mayBeMissing is for introspection: tokens that are validated here have iss and aud',
  );
  const own = options.audience === undefined ? audience : [options.audience].flat();
  checks.texts('audience', own);
  return Object.freeze({
    issuer,
    audience: own,
    claims: readClaimSettings(claims, checks, subjectPrefix),
    local: readLocal(jwks, checks),
  });
}

/** @returns the issuers whose tokens are validated locally, without a feed; the server itself if it is one of them */
export function readIssuers(options: ResourceServerOptions, checks: OptionChecks): IssuersSettings {
  const { issuer = '', issuers = [], validation, revocationFeed } = options;
  const audience = [options.audience].flat();
  const isList = Array.isArray(issuers);
  checks.check(isList || typeof issuers === 'function', 'issuers must be a list or a function');
  const others = isList ? (issuers as readonly IssuerOptions[]) : [];
  for (const other of others) assertPrefix(other, checks);
  const own = validation === 'local' && revocationFeed === undefined && issuer !== '';
  const all = own ? [{ issuer, audience, jwks: options.jwks, claims: options.claims }, ...others] : others;
  const known = all.map((one) => readIssuer(one, audience, checks));
  const names = [...known.map((one) => one.issuer), ...(own || issuer === '' ? [] : [issuer])];
  checks.check(new Set(names).size === names.length, 'issuers must differ');
  return Object.freeze({ known, resolve: isList ? null : (issuers as IssuerResolver), audience });
}

/** With several issuers, equal subjects may be two people. The application has to decide by setting a prefix. */
export function assertPrefix({ subjectPrefix }: IssuerOptions, checks: OptionChecks): void {
  checks.check(
    typeof subjectPrefix === 'string',
    'subjectPrefix is required in issuers: what stands before the subjects of this issuer',
  );
}
