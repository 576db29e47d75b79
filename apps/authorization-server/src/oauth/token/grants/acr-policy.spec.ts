import { describe, expect, it } from '@jest/globals';
import { ACR_MFA, ACR_PASSWORD, ACR_PHISHING_RESISTANT } from '../../../tokens/authentication-context.js';
import { requestedAcrs } from './acr-policy.js';

describe('requestedAcrs', () => {
  it.each<[string | null, readonly string[]]>([
    [null, []],
    ['', []],
    [' ', []],
    [ACR_MFA, [ACR_MFA]],
    [`${ACR_PHISHING_RESISTANT} ${ACR_PASSWORD}`, [ACR_PHISHING_RESISTANT, ACR_PASSWORD]],
    [` ${ACR_PASSWORD}  ${ACR_MFA} `, [ACR_PASSWORD, ACR_MFA]],
    [`urn:other ${ACR_MFA} 2`, [ACR_MFA]],
  ])('of %j are the supported values, in the order of the client', (parameter, expected) => {
    expect(requestedAcrs(parameter)).toEqual(expected);
  });

  it.each(['urn:other', `${ACR_MFA}x`, ACR_MFA.toUpperCase(), 'urn:other 2'])(
    'refuses %j, of which it supports nothing',
    (parameter) => {
      expect(() => requestedAcrs(parameter)).toThrow(
        expect.objectContaining({ code: 'unmet_authentication_requirements', status: 400 }),
      );
    },
  );
});
