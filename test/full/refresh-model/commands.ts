import fc from 'fast-check';
import { Step as StepOf, type NoModel } from '../../support/model-step.js';
import { POLICIES, type DecidingPlace, type Installation } from './installation.js';
import { SessionModel, type Action } from './model.js';
import { Session } from './session.js';

/** The logins of one sequence. */
export interface World {
  readonly installation: Installation;
  readonly sessions: Session[];
  /** The policy of the first login, and of those that follow when no session is alive. */
  readonly policy: string;
}

class Step extends StepOf<World> {}

/** Which session, counted from the last, and which token of it: counted from the newest that anybody has. */
const which = fc.nat(2);
const tokenAge = fc.oneof(
  { weight: 8, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.constant(1) },
  { weight: 2, arbitrary: fc.constant(2) },
  { weight: 1, arbitrary: fc.integer({ min: 3, max: 6 }) },
);

interface Intent {
  readonly kind: Action['kind'];
  readonly age: number;
}

const presentation = fc.record({ kind: fc.constant('present' as const), age: tokenAge });
const intent = fc.oneof(
  { weight: 4, arbitrary: presentation },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('revoke' as const), age: tokenAge }) },
);

/** Without a grace the second use of a token ends a session, so there is less to see. */
const policyName = fc.constantFrom(
  ...[
    'with-grace',
    'with-grace',
    'one-retry',
    'one-retry',
    'three-uses',
    'without-grace',
    'two-uses-without-grace',
  ],
);

const login = policyName.map(
  (policy) => new Step(`login ${policy}`, async (world) => void (await logIn(world, policy))),
);

const act = fc.tuple(which, presentation).map(
  ([session, intended]) =>
    new Step(`${session}: ${describe(intended)}`, async (world) => {
      const target = await pick(world, session);
      await target.act(toAction(target, intended));
    }),
);

/** A client that never gets the answer to a rotation tries again with the token that it has. */
const lostAnswer = which.map(
  (session) =>
    new Step(`${session}: present newest, and again`, async (world) => {
      const target = await pick(world, session);
      const action = toAction(target, { kind: 'present', age: 0 });
      await target.act(action);
      await target.act(action);
    }),
);

const revoke = fc.tuple(which, tokenAge).map(
  ([session, age]) =>
    new Step(`${session}: revoke by -${age}`, async (world) => {
      const target = await pick(world, session);
      await target.act(toAction(target, { kind: 'revoke', age }));
    }),
);

/** The same token many times, or different things at once. */
const together = fc
  .tuple(
    which,
    fc.oneof(
      fc
        .tuple(presentation, fc.integer({ min: 2, max: 6 }))
        .map(([one, times]) => Array<Intent>(times).fill(one)),
      fc.array(intent, { minLength: 2, maxLength: 4 }),
    ),
    fc.constantFrom<DecidingPlace | null>(null, null, 'database', 'memory'),
  )
  .map(
    ([session, intents, place]) =>
      new Step(
        `${session}: at once${place === null ? '' : ` on one state of the ${place}`} [${intents.map(describe).join(', ')}]`,
        async (world) => {
          const target = await pick(world, session);
          await target.actTogether(
            intents.map((intended) => toAction(target, intended)),
            place,
          );
        },
      ),
  );

const pass = fc.constantFrom(100, 200, 300, 300, 1000, 2900).map(
  (seconds) =>
    new Step(`${seconds} s pass`, async (world) => {
      for (const session of alive(world)) await session.pass(seconds);
    }),
);

const restart = fc.constant(
  new Step('restart', async ({ installation, sessions }) => {
    await installation.restart();
    for (const session of sessions) await session.check();
  }),
);

const setBack = fc.tuple(which, fc.integer({ min: 1, max: 3 })).map(
  ([session, steps]) =>
    new Step(`${session}: database set back by ${steps}`, async (world) => {
      const target = await pick(world, session);
      await target.setBack(Math.min(steps, target.model.generation));
    }),
);

/** A restart takes as long as a hundred requests, and a login as ten. */
const command = fc.oneof(
  { weight: 24, arbitrary: act },
  { weight: 14, arbitrary: together },
  { weight: 14, arbitrary: lostAnswer },
  { weight: 18, arbitrary: pass },
  { weight: 3, arbitrary: revoke },
  { weight: 3, arbitrary: setBack },
  { weight: 3, arbitrary: login },
  { weight: 1, arbitrary: restart },
);

/** The policy of the first login, and anything after it. */
export const sequence = fc.tuple(
  policyName,
  fc.commands<NoModel, World, boolean>([command], { maxCommands: 25, size: '+1' }),
);

export async function logIn({ installation, sessions }: World, policy: string): Promise<Session> {
  const settings = POLICIES[policy];
  if (settings === undefined) throw new Error(`There is no policy ${policy}`);
  const session = await Session.begin(installation, new SessionModel(settings), policy);
  sessions.push(session);
  return session;
}

/** One that is alive, or a new one: what is over is tried once more at the end, with every token it ever had. */
async function pick(world: World, index: number): Promise<Session> {
  const sessions = alive(world);
  return sessions.at(-1 - (index % sessions.length)) ?? logIn(world, world.policy);
}

function alive({ sessions }: World): Session[] {
  return sessions.filter(({ model }) => model.isLive);
}

function toAction({ model }: Session, { kind, age }: Intent): Action {
  return { kind, generation: Math.max(0, model.newest - age) };
}

function describe({ kind, age }: Intent): string {
  return age === 0 ? `${kind} newest` : `${kind} -${age}`;
}
