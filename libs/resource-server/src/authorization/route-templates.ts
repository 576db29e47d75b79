import { RequestMethod, VERSION_NEUTRAL, VersioningType, type ControllerOptions } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';

export type RouteVersion = ControllerOptions['version'];

/** The parts of a handler's path, from decorators and modules. */
interface DeclaredRoute {
  /** By `RouterModule`. */
  readonly modulePath: string | undefined;
  readonly controllerPaths: readonly string[];
  readonly paths: readonly string[];
  readonly method: RequestMethod;
  readonly version: RouteVersion;
}

/**
 * The paths of a handler, built in the same way as Nest does. Nest has no public API for them. The path that a request
 * matched is compared again, see `RoutePolicies`.
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

/** Whether a path is excluded from the global prefix. It is compared without the version. */
function isExcluded(config: ApplicationConfig, template: string, method: RequestMethod): boolean {
  const { exclude = [] } = config.getGlobalPrefixOptions();
  return exclude.some(
    ({ requestMethod, pathRegex }) =>
      // Nest stores -1 when no method was given.
      [RequestMethod.ALL, -1, method].includes(requestMethod) && pathRegex.test(template || '/'),
  );
}

/** Only `VersioningType.URI` puts the version into the path. */
function versionSegments(config: ApplicationConfig, version: RouteVersion): string[] {
  const versioning = config.getVersioning();
  if (!version || versioning?.type !== VersioningType.URI) return [''];
  const prefix = versioning.prefix === false ? '' : (versioning.prefix ?? 'v');
  return [version].flat().map((one) => (one === VERSION_NEUTRAL ? '' : `/${prefix}${String(one)}`));
}

/** Joins `/a/` and `b` to `/a/b`; an empty part is left out. */
function join(path: string, part: string): string {
  if (part === '') return path;
  return withoutEndSlash(path) + (/^(\/|\{\/)/.test(part) ? part : `/${part}`);
}

function withoutEndSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
