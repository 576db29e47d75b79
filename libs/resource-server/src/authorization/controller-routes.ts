import { RequestMethod, type Type } from '@nestjs/common';
import { MetadataScanner, type NestContainer } from '@nestjs/core';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';
import { PathsExplorer } from '@nestjs/core/router/paths-explorer.js';
import { addLeadingSlash, MODULE_PATH, PATH_METADATA, VERSION_METADATA } from '@nestjs/common/internal';

/** One handler of a controller, with all paths that lead to it. */
export interface ControllerRoute {
  readonly controller: Type;
  /** The same function under all its identities: of the instance and of its class. */
  readonly handlers: readonly object[];
  /** The request method, or `ALL`. */
  readonly method: string;
  /** With global prefix, module path and version, as they are registered. */
  readonly templates: readonly string[];
}

/**
 * All routes of the application's controllers, by the same code that Nest registers them with. What other code registers
 * at the HTTP adapter is not among them, and no guard stands before it.
 */
export function controllerRoutes(container: NestContainer): ControllerRoute[] {
  const explorer = new PathsExplorer(new MetadataScanner());
  const templates = templatesOf(container);
  const routes: ControllerRoute[] = [];
  for (const module of container.getModules().values()) {
    for (const { metatype, instance } of module.controllers.values()) {
      if (typeof metatype !== 'function') continue;
      const controller = metatype as Type;
      const prototype = controller.prototype as Record<string, object>;
      for (const route of explorer.scanForPaths(instance, prototype)) {
        routes.push({
          controller,
          handlers: [route.targetCallback, prototype[route.methodName] ?? route.targetCallback],
          method: RequestMethod[route.requestMethod],
          templates: templates(module.metatype, controller, route),
        });
      }
    }
  }
  return routes;
}

type Declared = ReturnType<PathsExplorer['scanForPaths']>[number];

function templatesOf(container: NestContainer) {
  const config = container.applicationConfig;
  if (config === undefined) throw new Error('Scope rules need a Nest application');
  const factory = new RoutePathFactory(config);
  const versioningOptions = config.getVersioning();
  const globalPrefix = config.getGlobalPrefix();
  return (module: Type, controller: Type, route: Declared): string[] => {
    const { applicationId } = container.getModules();
    const modulePath = (Reflect.getMetadata(MODULE_PATH + applicationId, module) ??
      Reflect.getMetadata(MODULE_PATH, module)) as string | undefined;
    const controllerVersion = (versioningOptions &&
      (Reflect.getMetadata(VERSION_METADATA, controller) ??
        versioningOptions.defaultVersion)) as Declared['version'];
    return [Reflect.getMetadata(PATH_METADATA, controller) as string | string[]].flat().flatMap((ctrlPath) =>
      factory.create(
        {
          ctrlPath: addLeadingSlash(ctrlPath),
          methodPath: route.path as unknown as string,
          ...(modulePath !== undefined && { modulePath }),
          ...(globalPrefix && { globalPrefix: addLeadingSlash(globalPrefix) }),
          ...(controllerVersion !== undefined && { controllerVersion }),
          ...(route.version !== undefined && { methodVersion: route.version }),
          ...(versioningOptions !== undefined && { versioningOptions }),
        },
        route.requestMethod,
      ),
    );
  };
}
