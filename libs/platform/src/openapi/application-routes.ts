import { RequestMethod, type INestApplicationContext, type Type } from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';

/** A route that a controller of the running application serves. */
export interface ApplicationRoute {
  /** In upper case. */
  readonly method: string;
  /** With `:name` for parameters. */
  readonly path: string;
  readonly controller: Type<unknown>;
  /** The name of the handler's method. */
  readonly handler: string;
}

/** All routes that controllers serve. HEAD comes with every GET. */
export function applicationRoutes(application: INestApplicationContext): ApplicationRoute[] {
  const scanner = new MetadataScanner();
  const routes: ApplicationRoute[] = [];
  for (const module of application.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) {
      const controller = metatype as Type<unknown>;
      const prototype = controller.prototype as Record<string, object>;
      for (const handler of scanner.getAllMethodNames(prototype)) {
        const method = Reflect.getMetadata('method', prototype[handler] ?? {}) as RequestMethod | undefined;
        if (method === undefined) continue;
        const paths = [
          Reflect.getMetadata('path', controller),
          Reflect.getMetadata('path', prototype[handler] ?? {}),
        ];
        routes.push({ method: RequestMethod[method], path: joined(paths as string[]), controller, handler });
      }
    }
  }
  return routes;
}

function joined(paths: readonly string[]): string {
  return `/${paths
    .flatMap((path) => path.split('/'))
    .filter(Boolean)
    .join('/')}`;
}
