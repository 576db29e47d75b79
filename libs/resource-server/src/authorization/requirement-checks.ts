import type { ControllerRoute } from './controller-routes.js';
import { ownersOf } from './require-owner.decorator.js';
import { assertNothingReplaced } from './route-requirements.js';
import { loginRequirementOf } from './step-up.decorators.js';

/**
 * Requirements that would be ignored or can never be met are mistakes, which must stop the start.
 *
 * @throws Error naming the handler
 */
export function assertRequirementsHold(routes: readonly ControllerRoute[]): void {
  for (const controller of new Set(routes.map((route) => route.controller)))
    assertNothingReplaced(controller);
  for (const { controller, handlers, templates } of routes) {
    const [handler] = handlers as [{ name: string }];
    const place = `${controller.name}.${handler.name}`;
    assertLoginIsPossible(place, controller, ...handlers);
    for (const { owner } of ownersOf(controller, ...handlers)) {
      const without = templates.find(
        (template) => typeof owner === 'string' && !hasParameter(template, owner),
      );
      if (without === undefined) continue;
      throw new Error(
        `${place}: @RequireOwner('${String(owner)}') needs the parameter :${String(owner)}, which the path ${without} does not have`,
      );
    }
  }
}

function assertLoginIsPossible(place: string, ...targets: object[]): void {
  try {
    loginRequirementOf(...targets);
  } catch (error) {
    throw new Error(`${place}: ${(error as Error).message}`, { cause: error });
  }
}

function hasParameter(template: string, name: string): boolean {
  return [...template.matchAll(/:([A-Za-z0-9_]+)/g)].some(([, parameter]) => parameter === name);
}
