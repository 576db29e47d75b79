import type { FieldValues, Fields } from './field.js';

/**
 * Whether a login needs a second factor: `off`: never; `if_enrolled`: if the user has one; `required`: always. In
 * ascending order of strictness.
 */
export const SECOND_FACTOR_POLICIES = ['off', 'if_enrolled', 'required'] as const;

export type SecondFactorPolicy = (typeof SECOND_FACTOR_POLICIES)[number];

/** The fields of clients, users and groups for second factors. */
export const SECOND_FACTOR_FIELDS = {
  /** `null`: no rule. */
  secondFactor: {
    name: 'second_factor',
    type: 'choice',
    choices: SECOND_FACTOR_POLICIES,
    nullable: true,
    meaning: `whether logins need a second factor: ${SECOND_FACTOR_POLICIES.join(', ')}; the strictest of client, user and groups holds`,
  },
  /** `null`: the rule applies already. */
  secondFactorFrom: {
    name: 'second_factor_from',
    type: 'date',
    nullable: true,
    meaning: 'first day (UTC) on which second_factor holds, like 2027-12-31',
  },
} as const satisfies Fields;

export type SecondFactorRule = FieldValues<typeof SECOND_FACTOR_FIELDS>;

/** Applies without any rule: a user who has enrolled a factor expects that logins require it. */
const DEFAULT_POLICY: SecondFactorPolicy = 'if_enrolled';

/**
 * The strictest of the rules that apply.
 *
 * @param now milliseconds since the epoch
 */
export function secondFactorPolicyOf(rules: readonly SecondFactorRule[], now: number): SecondFactorPolicy {
  const today = new Date(now).toISOString().slice(0, 10);
  const said = rules
    .filter(({ secondFactorFrom }) => secondFactorFrom === null || secondFactorFrom <= today)
    .flatMap(({ secondFactor }) => secondFactor ?? []);
  return SECOND_FACTOR_POLICIES.findLast((policy) => said.includes(policy)) ?? DEFAULT_POLICY;
}
