import { expect, it } from '@jest/globals';
import { acrOf } from './authentication-context.js';

it.each([
  [['pwd'], 'pwd'],
  [[], 'pwd'],
  [['otp'], 'pwd'],
  // A key alone is no second factor.
  [['hwk'], 'pwd'],
  [['pwd', 'otp', 'mfa'], 'mfa'],
  [['pwd', 'kba', 'mfa'], 'mfa'],
  [['pwd', 'hwk', 'mfa'], 'phr'],
  [['pwd', 'swk', 'mfa'], 'phr'],
  [['hwk', 'user', 'mfa'], 'phr'],
])('takes a login with %j for the class %s', (amr, name) => {
  expect(acrOf(amr)).toBe(`urn:latchkey:acr:${name}`);
});
