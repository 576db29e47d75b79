import { describe, expect, it } from '@jest/globals';
import { secondFactorPolicyOf, type SecondFactorPolicy } from './second-factor-rule.js';

const NOW = Date.UTC(2027, 5, 15, 12);

const rule = (secondFactor: SecondFactorPolicy | null, secondFactorFrom: string | null = null) => ({
  secondFactor,
  secondFactorFrom,
});

describe('The policy of second factors', () => {
  it.each<[ReturnType<typeof rule>[], SecondFactorPolicy]>([
    [[], 'if_enrolled'],
    [[rule(null), rule(null)], 'if_enrolled'],
    [[rule('off'), rule(null)], 'off'],
    [[rule('off'), rule('off')], 'off'],
    [[rule('off'), rule('if_enrolled')], 'if_enrolled'],
    [[rule('off'), rule('required')], 'required'],
    [[rule('required'), rule('off')], 'required'],
    [[rule('if_enrolled'), rule('required'), rule('off')], 'required'],
  ])('of %j is %s', (rules, policy) => {
    expect(secondFactorPolicyOf(rules, NOW)).toBe(policy);
  });

  it.each([
    ['2027-06-14', 'required'],
    ['2027-06-15', 'required'],
    ['2027-06-16', 'off'],
    ['2030-01-01', 'off'],
  ])('that is required from %s is %s on 15 June 2027', (from, policy) => {
    expect(secondFactorPolicyOf([rule('off'), rule('required', from)], NOW)).toBe(policy);
  });

  it('begins at midnight, UTC', () => {
    const rules = [rule('off'), rule('required', '2027-06-15')];
    expect(secondFactorPolicyOf(rules, Date.UTC(2027, 5, 15) - 1)).toBe('off');
    expect(secondFactorPolicyOf(rules, Date.UTC(2027, 5, 15))).toBe('required');
  });
});
