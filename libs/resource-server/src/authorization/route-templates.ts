import { RequestMethod, VERSION_NEUTRAL, VersioningType, type ControllerOptions } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';

export type RouteVersion = ControllerOptions['version'];

/** What decorators and modules say about where a handler is. */
export interface DeclaredRoute {
  /** By `RouterModule`. */
  readonly modulePath: string | undefined;
  readonly controllerPaths: readonly string[];
  readonly paths: readonly string[];
  readonly method: RequestMethod;
  readonly version: RouteVersion;
}

/**
 * The paths of a handler, put together as Nest registers them. Nest has no public API that tells them; what a request matches
 * is compared again, see `RoutePolicies`.
 */
export function routeTemplates(
  config: ApplicationConfig,
  { modulePath = '', controllerPaths, paths, method, version }: DeclaredRoute,
): string[] {
  const versions = versionSegments(config, version);
  return controllerPaths.flatMap((controllerPath) =>
    paths.flatMap((path) => {
      const template = [modulePath, controllerPath, path].reduce(join, '');
      const prefix = isExcluded(config, template, method) ? '' : join('', config.getGlobalPrefix());
      return versions.map(
        (segment) => withoutEndSlash(`${withoutEndSlash(prefix)}${segment}${template}`) || '/',
      );
    }),
  );
}

/** Excluded from the global prefix: compared without the version. */
function isExcluded(config: ApplicationConfig, template: string, method: RequestMethod): boolean {
  const { exclude = [] } = config.getGlobalPrefixOptions();
  return exclude.some(
    ({ requestMethod, pathRegex }) =>
      // -1 is how Nest writes down that no method was named.
      [RequestMethod.ALL, -1, method].includes(requestMethod) && pathRegex.test(template || '/'),
  );
}

/** Only `VersioningType.URI` is in the path. */
function versionSegments(config: ApplicationConfig, version: RouteVersion): string[] {
  const versioning = config.getVersioning();
  if (!version || versioning?.type !== VersioningType.URI) return [''];
  const prefix = versioning.prefix === false ? '' : (versioning.prefix ?? 'v');
  return [version].flat().map((one) => (one === VERSION_NEUTRAL ? '' : `/${prefix}${String(one)}`));
}

/** `/a/` and `b` are `/a/b`; an empty part is left out. */
function join(path: string, part: string): string {
  if (part === '') return path;
  return withoutEndSlash(path) + (/^(\/|\{\/)/.test(part) ? part : `/${part}`);
}

function withoutEndSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
