import { RequestMethod, type Type } from '@nestjs/common';
import type { ApplicationConfig, DiscoveryService, MetadataScanner, ModulesContainer } from '@nestjs/core';
import { routeTemplates, type RouteVersion } from './route-templates.js';

/** Metadata keys of Nest's decorators; the same in Nest 10, 11 and 12. */
const PATH = 'path';
const METHOD = 'method';
const VERSION = '__version__';
const MODULE_PATH = '__module_path__';

/** A handler of a controller with all of its paths. */
export interface ControllerRoute {
  readonly controller: Type;
  /** The handler function of the instance and that of its class, which may differ. */
  readonly handlers: readonly object[];
  /** The request method, or `ALL`. */
  readonly method: string;
  /** As registered, with global prefix, module path and version. */
  readonly templates: readonly string[];
}

/** The parts of Nest that know the application. */
interface ApplicationParts {
  readonly discovery: DiscoveryService;
  readonly scanner: MetadataScanner;
  readonly modules: ModulesContainer;
  readonly config: ApplicationConfig;
}

/**
 * All routes of the application's controllers. Routes that other code registers at the HTTP adapter are not included,
 * and no guard protects them.
 */
export function controllerRoutes({
  discovery,
  scanner,
  modules,
  config,
}: ApplicationParts): ControllerRoute[] {
  return discovery.getControllers().flatMap(({ metatype, instance, host }): ControllerRoute[] => {
    if (typeof metatype !== 'function') return [];
    const controller = metatype as Type;
    const prototype = controller.prototype as Record<string, object>;
    const own = instance as Record<string, object>;
    const routes = scanner.getAllMethodNames(prototype).filter((name) => pathsOf(prototype[name]).length > 0);
    return routes.map((name): ControllerRoute => {
      const handler = prototype[name] ?? own;
      const method = Reflect.getMetadata(METHOD, handler) as RequestMethod;
      return {
        controller,
        handlers: [own[name] ?? handler, handler],
        method: RequestMethod[method],
        templates: routeTemplates(config, {
          modulePath: modulePathOf(host?.metatype, modules),
          controllerPaths: pathsOf(controller),
          paths: pathsOf(handler),
          method,
          version: versionOf(handler) || (versionOf(controller) ?? config.getVersioning()?.defaultVersion),
        }),
      };
    });
  });
}

/** A method of a controller is a route if it has paths. */
function pathsOf(target: object | undefined): string[] {
  const paths = target && (Reflect.getMetadata(PATH, target) as string | string[] | undefined);
  return paths === undefined ? [] : [paths].flat();
}

function versionOf(target: object): RouteVersion {
  return Reflect.getMetadata(VERSION, target) as RouteVersion;
}

/** `RouterModule` stores it per application. */
function modulePathOf(module: object | undefined, { applicationId }: ModulesContainer): string | undefined {
  if (module === undefined) return undefined;
  return (Reflect.getMetadata(MODULE_PATH + applicationId, module) ??
    Reflect.getMetadata(MODULE_PATH, module)) as string | undefined;
}
