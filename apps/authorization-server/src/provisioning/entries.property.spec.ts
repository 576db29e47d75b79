import { GRANT_TYPES, ScopeSet, SIGNING_ALGORITHMS } from '@latchkey/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ACCESS_TOKEN_FORMATS, CLIENT_TYPES, REFRESH_TOKEN_POLICIES } from '../clients/client-fields.js';
import { fieldChanges, type EntryFields } from '../audit/field-changes.js';
import type { ClientRegistration } from '../clients/client-fields.js';
import { clientFields } from '../clients/client-registration-rules.js';
import { SECOND_FACTOR_POLICIES } from '../fields/second-factor-rule.js';
import { toRegistration, writtenClientFields } from './entries.js';

const vschar = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 1,
});
const scope = fc
  .uniqueArray(fc.constantFrom('read', 'write', 'orders:read', 'account'))
  .map((names) => ScopeSet.of(names));
const seconds = fc.option(fc.integer({ min: 1, max: 86_400 }));

const registrations: fc.Arbitrary<ClientRegistration> = fc.record({
  clientId: vschar,
  clientName: fc.string({ minLength: 1 }),
  clientType: fc.constantFrom(...CLIENT_TYPES),
  grantTypes: fc.uniqueArray(fc.constantFrom(...GRANT_TYPES)),
  scope,
  defaultScope: fc.option(scope.filter((names) => !names.isEmpty)),
  audience: fc.uniqueArray(fc.webUrl()),
  accessTokenFormat: fc.constantFrom(...ACCESS_TOKEN_FORMATS),
  accessTokenSigningAlg: fc.constantFrom(...SIGNING_ALGORITHMS),
  accessTokenTtl: seconds,
  refreshTokenPolicy: fc.constantFrom(...REFRESH_TOKEN_POLICIES),
  refreshTokenMaxUses: seconds,
  refreshTokenTtl: seconds,
  refreshTokenIdleTtl: seconds,
  refreshTokenGrace: fc.option(fc.integer({ min: 0, max: 300 })),
  refreshTokenMaxRetries: fc.option(fc.integer({ min: 1, max: 100 })),
  mayIntrospect: fc.boolean(),
  forwardsEndUserAddress: fc.boolean(),
  passwordGrantUntil: fc.option(fc.constantFrom('2027-12-31', '2030-01-01')),
  secondFactor: fc.option(fc.constantFrom(...SECOND_FACTOR_POLICIES)),
  secondFactorFrom: fc.option(fc.constantFrom('2027-12-31', '2030-01-01')),
});

/** What the keys of an entry register. */
function readBack(clientId: string, fields: EntryFields): EntryFields {
  return clientFields(toRegistration({ client_id: clientId, ...fields }));
}

describe('The entry that is written for a client', () => {
  it('registers the same client again, whatever its registration', () => {
    fc.assert(
      fc.property(registrations, (registration) => {
        const read = readBack(registration.clientId, writtenClientFields(registration, true));
        expect(fieldChanges(clientFields(registration), read)).toEqual([]);
      }),
    );
  });

  it('has no key that could be left out', () => {
    fc.assert(
      fc.property(registrations, (registration) => {
        const { clientId } = registration;
        const written = writtenClientFields(registration, true);
        for (const key of Object.keys(written)) {
          const shorter = Object.fromEntries(Object.entries(written).filter(([name]) => name !== key));
          expect(readBack(clientId, shorter)).not.toEqual(clientFields(registration));
        }
      }),
    );
  });

  it('says that a client is disabled, and not that it is enabled', () => {
    fc.assert(
      fc.property(registrations, (registration) => {
        expect(writtenClientFields(registration, false)).toMatchObject({ enabled: false });
        expect(writtenClientFields(registration, true)).not.toHaveProperty('enabled');
      }),
    );
  });
});
