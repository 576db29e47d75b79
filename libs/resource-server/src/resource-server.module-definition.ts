import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { ResourceServerOptions } from './options/resource-server-options.js';

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: RESOURCE_SERVER_OPTIONS } =
  new ConfigurableModuleBuilder<ResourceServerOptions>({ moduleName: 'ResourceServer' }).build();
