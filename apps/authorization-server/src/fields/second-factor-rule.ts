import type { FieldValues, Fields } from './field.js';

/**
 * Whether a login needs a second factor: `off` asks for none, `if_enrolled` asks who has one, `required` lets no login
 * end without one. From lax to strict.
 */
export const SECOND_FACTOR_POLICIES = ['off', 'if_enrolled', 'required'] as const;

export type SecondFactorPolicy = (typeof SECOND_FACTOR_POLICIES)[number];

/** What clients, users and groups say about second factors. */
export const SECOND_FACTOR_FIELDS = {
  /** `null`: says nothing. */
  secondFactor: {
    name: 'second_factor',
    type: 'choice',
    choices: SECOND_FACTOR_POLICIES,
    nullable: true,
    meaning: `whether logins need a second factor: ${SECOND_FACTOR_POLICIES.join(', ')}; the strictest of client, user and groups holds`,
  },
  /** `null`: it holds already. */
  secondFactorFrom: {
    name: 'second_factor_from',
    type: 'date',
    nullable: true,
    meaning: 'first day (UTC) on which second_factor holds, like 2027-12-31',
  },
} as const satisfies Fields;

export type SecondFactorRule = FieldValues<typeof SECOND_FACTOR_FIELDS>;

/** What holds where no rule says anything: who enrols a factor expects to be asked for it. */
const DEFAULT_POLICY: SecondFactorPolicy = 'if_enrolled';

/**
 * The strictest of the rules that hold.
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
