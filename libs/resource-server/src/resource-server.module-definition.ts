import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { ResourceServerOptions } from './options/resource-server-options.js';

/** Additional options of `register`, and of `registerAsync` beside `useFactory`. */
interface RegistrationOptions {
  /** Whether modules can inject the exports without importing this one. Default true. The guard is always global. */
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
