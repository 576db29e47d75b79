import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { ResourceServerOptions } from './options/resource-server-options.js';

/** Beside the options of `register`, and beside `useFactory` of `registerAsync`. */
export interface RegistrationOptions {
  /** Whether every module may inject what this one exports, without importing it. Default true. The guard is always global. */
  isGlobal?: boolean;
}

export const {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN: RESOURCE_SERVER_OPTIONS,
  OPTIONS_TYPE,
  ASYNC_OPTIONS_TYPE,
} = new ConfigurableModuleBuilder<ResourceServerOptions>({ moduleName: 'ResourceServer' })
  .setExtras<RegistrationOptions>({ isGlobal: true }, (definition, { isGlobal }) => ({
    ...definition,
    global: isGlobal !== false,
  }))
  .build();
