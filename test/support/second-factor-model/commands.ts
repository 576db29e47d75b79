import fc from 'fast-check';
import { Step as StepOf, type NoModel } from '../model-step.js';
import { anything, code, codeOf, logIn, password, prove, recoveryCode, type Intent } from './intents.js';
import type { Action } from './state.js';
import type { World } from './world.js';

class Step extends StepOf<World> {}

const alone = anything.map(
  ({ description, resolve }) =>
    new Step(description, async (world) => {
      const action = await resolved(world, resolve);
      if (action !== null) await world.act(action);
    }),
);

/** The answer was lost: the same again, at once, soon, too late, or at the same time. */
const again = fc
  .tuple(fc.oneof({ weight: 4, arbitrary: code }, recoveryCode, password), fc.constantFrom(null, 0, 5, 11))
  .map(
    ([{ description, resolve }, seconds]) =>
      new Step(
        `${description}, and again ${seconds === null ? 'at once' : `after ${seconds} s`}`,
        async (world) => {
          const action = await resolved(world, resolve);
          if (action === null) return;
          const repeated = 'id' in action ? { ...action, id: world.newId() } : action;
          if (seconds === null) return world.actTogether(action, repeated);
          await world.act(action);
          if (seconds > 0) world.pass(seconds);
          await world.act(repeated);
        },
      ),
  );

const together = fc.tuple(anything, anything).map(
  ([one, other]) =>
    new Step(`at once ${one.description} and ${other.description}`, async (world) => {
      const first = await resolved(world, one.resolve);
      const second = await resolved(world, other.resolve);
      if (first !== null && second !== null) await world.actTogether(first, second);
    }),
);

const pass = fc
  .constantFrom(5, 11, 31, 31, 61, 130, 610)
  .map((seconds) => new Step(`${seconds} s pass`, async (world) => world.pass(seconds)));

const setBack = fc
  .constantFrom(11, 45, 95, 3000)
  .map((seconds) => new Step(`set back by ${seconds} s`, async (world) => world.pass(-seconds)));

/** A thief shows a code that was seen before, as soon as its time comes again. */
const seenAgain = fc.constantFrom(31, 61, 91).map(
  (seconds) =>
    new Step(`set back by ${seconds} s, and a code that was seen`, async (world) => {
      world.pass(-seconds);
      await world.act(logIn(world, 'strict', true, null));
      const action = prove(world, 0, false, 'otp', () => codeOf(world, 'seen'));
      if (action !== null) await world.act(action);
    }),
);

/** Somebody adds a secret beside the one that is asked for, and shows its code. */
const pendingShown = fc.constant(
  new Step('add, and show its code', async (world) => {
    await world.act(logIn(world, 'lenient', true, codeOf(world, 'fresh')));
    const session = [...world.user.logins.keys()].at(-1);
    if (session !== undefined) await world.act({ kind: 'add', id: world.newId(), session });
    await world.act(logIn(world, 'strict', true, null));
    const action = prove(world, 0, false, 'otp', () => codeOf(world, 'pending'));
    if (action !== null) await world.act(action);
  }),
);

/** A thief sends the request that ended a login once more, after something has happened meanwhile. */
function codeTwice(
  meanwhile: string,
  happen: (world: World, session: number) => unknown,
): fc.Arbitrary<Step> {
  const step = new Step(`code, ${meanwhile}, and the same code again`, async (world) => {
    await world.act(logIn(world, 'strict', true, null));
    const action = prove(world, 0, false, 'otp', () => codeOf(world, 'fresh'));
    if (action?.kind !== 'prove') return;
    await world.act(action);
    await happen(world, action.attempt);
    await world.act(action);
  });
  return fc.constant(step);
}

const afterRefresh = codeTwice('refresh', async (world, session) => {
  if (world.state.sessions[session]?.refreshed === false) await world.act({ kind: 'refresh', session });
});

const afterSetBack = codeTwice('set back by 11 s', (world) => world.pass(-11));

const restart = fc.constant(new Step('restart', (world) => world.restartOne()));

/** A restart takes as long as fifty requests. */
const command = fc.oneof(
  { weight: 30, arbitrary: alone },
  { weight: 12, arbitrary: again },
  { weight: 10, arbitrary: together },
  { weight: 10, arbitrary: pass },
  { weight: 2, arbitrary: setBack },
  { weight: 2, arbitrary: seenAgain },
  { weight: 2, arbitrary: pendingShown },
  { weight: 2, arbitrary: afterRefresh },
  { weight: 2, arbitrary: afterSetBack },
  { weight: 1, arbitrary: restart },
);

/** Whether the user has a second factor from the beginning, and anything after it. */
export const sequence = fc.tuple(
  fc.constantFrom(true, true, false),
  fc.commands<NoModel, World, boolean>([command], { maxCommands: 20, size: '+1' }),
);

/** Where there is no attempt to continue, one begins. */
async function resolved(world: World, resolve: Intent['resolve']): Promise<Action | null> {
  const action = resolve(world);
  if (action !== null) return action;
  await world.act(logIn(world, 'strict', true, null));
  return resolve(world);
}
