import type { AsyncCommand } from 'fast-check';

/** The model of each real object is beside it, so fast-check's own has nothing to hold. */
export type NoModel = Record<string, never>;

/** A step whose meaning does not depend on those before it, so that any part of a sequence is one too. */
export class Step<World> implements AsyncCommand<NoModel, World, boolean> {
  constructor(
    private readonly description: string,
    private readonly perform: (world: World) => Promise<void>,
  ) {}

  check(): boolean {
    return true;
  }

  run(_model: NoModel, world: World): Promise<void> {
    return this.perform(world);
  }

  toString(): string {
    return this.description;
  }
}
