// Mutation tests of what decides about security, with the unit specs: npm run mutate [-- --mutate FILES]
/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'jest',
  jest: { projectType: 'custom', configFile: 'jest.mutate.config.js' },
  // Jest needs it for ES modules.
  testRunnerNodeArgs: ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning'],
  coverageAnalysis: 'perTest',
  mutate: [
    'apps/authorization-server/src/oauth/token/grants/*{-policy,.grant}.ts',
    'apps/authorization-server/src/oauth/token/grants/{factor-proofs,read-login-source,second-factor{,-login},waiting-logins}.ts',
    'apps/authorization-server/src/oauth/client-authentication/{client-authenticator,client-credentials,rate-limit}.ts',
    'apps/authorization-server/src/oauth/{common/form-parameters,introspection/may-introspect}.ts',
    'apps/authorization-server/src/admin/{administrator,administrator.guard,entity-tag}.ts',
    'apps/authorization-server/src/admin/{authorizations,client-secrets,clients,scope-clients,scopes}.service.ts',
    'apps/authorization-server/src/authorizations/{authorization,liveness,login-limit,refresh-decision,token-authorizations}.ts',
    'apps/authorization-server/src/throttling/{refusal-delay,device-value,login-source,login-throttle,throttle-settings}.ts',
    'apps/authorization-server/src/throttling/{places,sending-budgets,throttle-keys}.ts',
    'apps/authorization-server/src/observability/{failure-rates,sliding-count}.ts',
    'apps/authorization-server/src/{second-factors/{recovery-code,totp},fields/second-factor-rule}.ts',
    'apps/authorization-server/src/tokens/{*-access-tokens,access-tokens,authentication-context,packed-claims}.ts',
    'apps/authorization-server/src/tokens/{refresh-token-format,refresh-tokens,token-issuer}.ts',
    'libs/resource-server/src/authorization/{requirement-checks,token-policies}.ts',
    'libs/resource-server/src/bearer/{carrier-judgement,request-authenticator,token-checks}.ts',
    'libs/resource-server/src/{bearer/access-token.guard,refusals/bearer-error,request/bearer-token}.ts',
    'libs/resource-server/src/freshness/*.ts',
    'libs/resource-server/src/claims/*.ts',
    'libs/resource-server/src/introspection/{circuit-breaker,introspection-response}.ts',
    '!**/*.{spec,spec-support}.ts',
  ],
  ignorePatterns: ['**/dist', 'libs/*/cjs', '.git', 'data', 'docs', 'bench', 'test'],
  ignoreStatic: true,
  concurrency: 1,
  // A process of Jest grows to gigabytes, and then each run takes longer.
  maxTestRunnerReuse: 12,
  // A mutant that never ends counts as killed. On a busy machine a run must not look like one.
  timeoutMS: 40_000,
  reporters: ['clear-text', 'progress', 'json'],
  clearTextReporter: { allowColor: false, logTests: false },
  jsonReporter: { fileName: '.reports/mutation.json' },
  tempDirName: '.reports/stryker',
  thresholds: { high: 90, low: 80, break: 80 },
};
