import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Dispatcher } from 'undici';

export interface Route {
  readonly method: Dispatcher.HttpMethod;
  /** As it is registered, such as `/resources/:id`. */
  readonly path: string;
}

/** Four characters of indentation a level, a branch, a part of a path, and the methods that end there. */
const LINE = /^([│ ]*)[├└]── (\S+?)(?: \(([A-Z, ]+)\))?$/;

/** Every route that a running application has, those that answer 405 included. */
export function routesOf(application: NestFastifyApplication): Route[] {
  const routes: Route[] = [];
  const parts: string[] = [];
  for (const line of application.getHttpAdapter().getInstance().printRoutes().split('\n')) {
    const [, indentation, part, methods] = LINE.exec(line) ?? [];
    if (indentation === undefined || part === undefined) continue;
    parts.length = indentation.length / 4;
    parts.push(part);
    const path = parts.join('');
    for (const method of methods?.split(', ') ?? []) routes.push({ method: method, path });
  }
  return routes;
}
