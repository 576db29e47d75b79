import fc from 'fast-check';
import { stepAt, type Action, type Factor, type Proof, type Through } from './state.js';
import type { World } from './world.js';

/** What somebody is about to do; what it is about is chosen when it is done. @returns `null`: there is nothing to do it to */
export interface Intent {
  readonly description: string;
  readonly resolve: (world: World) => Action | null;
}

type Choice = 'fresh' | 'seen' | 'pending' | number;

const MALFORMED = ['12345', '1234567', 'abcdef', '１２３４５６', '12 3456', '-12345', 'aaaa-aaaa-aaaa-aaaa'];

const client = fc.constantFrom<Through[]>('lenient', 'lenient', 'strict');
const fromTheLast = fc.constantFrom(0, 0, 0, 1, 2);
const isForeign = fc.constantFrom(false, false, false, false, false, false, true);

/** A number is a time step from the present one, of the secret that is asked for. */
const codeChoice: fc.Arbitrary<Choice> = fc.oneof(
  { weight: 10, arbitrary: fc.constant('fresh' as const) },
  { weight: 4, arbitrary: fc.constant('seen' as const) },
  { weight: 2, arbitrary: fc.constant('pending' as const) },
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 3 }) },
);
const otp = fc.oneof(
  { weight: 6, arbitrary: codeChoice.map((choice) => ({ description: `otp ${choice}`, choice })) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(...MALFORMED)
      .map((text) => ({ description: `otp ${text}`, choice: { kind: 'text' as const, text } })),
  },
);

export const password: fc.Arbitrary<Intent> = fc
  .tuple(client, fc.constantFrom(true, true, true, false), fc.option(codeChoice, { freq: 4 }))
  .map(([through, right, choice]) => ({
    description: `${right ? 'right' : 'wrong'} password, ${through}${choice === null ? '' : `, totp ${choice}`}`,
    resolve: (world) => logIn(world, through, right, choice === null ? null : codeOf(world, choice)),
  }));

export const code: fc.Arbitrary<Intent> = fc
  .tuple(fromTheLast, isForeign, otp)
  .map(([index, foreign, shown]) => ({
    description: `${shown.description} -${index}${foreign ? ', of the other client' : ''}`,
    resolve: (world) =>
      prove(world, index, foreign, 'otp', () =>
        typeof shown.choice === 'object' ? shown.choice : codeOf(world, shown.choice),
      ),
  }));

export const recoveryCode: fc.Arbitrary<Intent> = fc
  .tuple(fromTheLast, isForeign, fc.integer({ min: 0, max: 3 }))
  .map(([index, foreign, number]) => ({
    description: `recovery code ${number} -${index}${foreign ? ', of the other client' : ''}`,
    resolve: (world) =>
      prove(world, index, foreign, 'recovery-code', () =>
        number === 3 ? { kind: 'text', text: 'aaaa-aaaa-aaaa-aaaa' } : { kind: 'recovery', number },
      ),
  }));

const associate: fc.Arbitrary<Intent> = fc.tuple(fromTheLast, isForeign).map(([index, foreign]) => ({
  description: `associate -${index}${foreign ? ', of the other client' : ''}`,
  resolve: (world) => {
    const found = attemptOf(world, index, foreign);
    return found && { kind: 'associate', id: world.newId(), ...found };
  },
}));

/** Each refresh token is refreshed once: more of that is another model's. */
const refresh: fc.Arbitrary<Intent> = fromTheLast.map((index) => ({
  description: `refresh -${index}`,
  resolve: (world) => {
    const fresh = [...world.user.logins.keys()].filter((id) => !world.state.sessions[id]?.refreshed);
    const session = fresh.at(-1 - index);
    return session === undefined ? null : { kind: 'refresh', session };
  },
}));

const changeOfFactors: fc.Arbitrary<Intent> = fc
  .tuple(fc.constantFrom<('add' | 'remove')[]>('add', 'remove'), fromTheLast)
  .map(([kind, index]) => ({
    description: `${kind} -${index}`,
    resolve: (world) => {
      const session = [...world.user.logins.keys()].at(-1 - index);
      if (session === undefined) return null;
      return kind === 'add' ? { kind, id: world.newId(), session } : { kind, session };
    },
  }));

const administration: fc.Arbitrary<Intent> = fc
  .constantFrom<('disable' | 'enable' | 'reset')[]>('disable', 'enable', 'enable', 'reset')
  .map((kind) => ({ description: kind, resolve: () => ({ kind }) }));

export const anything = fc.oneof(
  { weight: 5, arbitrary: password },
  { weight: 8, arbitrary: code },
  { weight: 2, arbitrary: recoveryCode },
  { weight: 2, arbitrary: associate },
  { weight: 1, arbitrary: refresh },
  { weight: 1, arbitrary: changeOfFactors },
  { weight: 1, arbitrary: administration },
);

export function logIn(world: World, through: Through, right: boolean, totp: Proof | null): Action {
  return { kind: 'password', id: world.newId(), client: through, right, totp };
}

export function prove(
  world: World,
  index: number,
  foreign: boolean,
  factor: Factor,
  proof: () => Proof,
): Action | null {
  const found = attemptOf(world, index, foreign);
  return found && { kind: 'prove', ...found, factor, proof: proof() };
}

/** The newest one, or one before it. */
function attemptOf(
  world: World,
  index: number,
  foreign: boolean,
): { attempt: number; client: Through } | null {
  const attempts = [...world.user.attempts];
  const found = attempts.at(-1 - (index % attempts.length));
  if (found === undefined) return null;
  const [attempt, { client: own }] = found;
  return { attempt, client: foreign ? (own === 'strict' ? 'lenient' : 'strict') : own };
}

export function codeOf({ state }: World, choice: Choice): Proof {
  const { now, secret, pending, spent } = state;
  const present = stepAt(now);
  const last = spent.at(-1) ?? 0;
  const asked = secret ?? pending ?? 0;
  switch (choice) {
    case 'fresh':
      return { kind: 'totp', secret: asked, step: last >= present ? last + 1 : present };
    case 'seen': {
      const seen = spent.find((step) => Math.abs(step - present) <= 1) ?? last;
      return { kind: 'totp', secret: asked, step: seen === 0 ? present : seen };
    }
    case 'pending':
      return { kind: 'totp', secret: pending ?? asked, step: present };
    default:
      return { kind: 'totp', secret: asked, step: present + choice };
  }
}
