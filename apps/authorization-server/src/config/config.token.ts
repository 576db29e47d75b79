/** Injects the {@link AuthorizationServerConfig}. */
export const CONFIG = Symbol('AuthorizationServerConfig');

/** Injects the pino logger. */
export const LOGGER = Symbol('Logger');
