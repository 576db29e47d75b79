import type { ControllerRoute } from './controller-routes.js';
import { ownersOf } from './require-owner.decorator.js';
import { assertNothingReplaced } from './route-requirements.js';

/**
 * Requirements that would be lost or could never be met are mistakes that only a start can show in time.
 *
 * @throws Error naming the handler
 */
export function assertRequirementsHold(routes: readonly ControllerRoute[]): void {
  for (const controller of new Set(routes.map((route) => route.controller)))
    assertNothingReplaced(controller);
  for (const { controller, handlers, templates } of routes) {
    for (const { owner } of ownersOf(controller, ...handlers)) {
      const without = templates.find(
        (template) => typeof owner === 'string' && !hasParameter(template, owner),
      );
      if (without === undefined) continue;
      const [handler] = handlers as [{ name: string }];
      throw new Error(
        `${controller.name}.${handler.name}: @RequireOwner('${String(owner)}') needs the parameter :${String(owner)}, which the path ${without} does not have`,
      );
    }
  }
}

function hasParameter(template: string, name: string): boolean {
  return [...template.matchAll(/:([A-Za-z0-9_]+)/g)].some(([, parameter]) => parameter === name);
}
