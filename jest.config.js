import { availableParallelism } from 'node:os';

/**
 * Tests run on the TypeScript sources as ES modules. `unit` is beside the code, `e2e` boots both servers over real
 * HTTP on SQLite and on PostgreSQL, `full` is what takes longer (`npm run test:full`).
 */
const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
      },
    ],
  },
  moduleNameMapper: {
    '^@latchkey/platform/decode-text$': '<rootDir>/libs/platform/src/environment/decode-text.ts',
    '^@latchkey/platform/([a-z]+)$': '<rootDir>/libs/platform/src/$1/index.ts',
    '^@latchkey/resource-server/testing$': '<rootDir>/libs/resource-server/src/testing/index.ts',
    '^@latchkey/(contracts|resource-server)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'],
  },
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/', '<rootDir>/libs/.*/cjs/', '<rootDir>/.reports/'],
};

const withServers = {
  ...common,
  globalSetup: '<rootDir>/test/support/global-setup.js',
  globalTeardown: '<rootDir>/test/support/global-teardown.js',
};

export default {
  // Tests wait as often as they work, for a stream or for a lifetime: with three workers two processors are busy.
  maxWorkers: Math.max(3, availableParallelism() - 1),
  testTimeout: 30_000,
  // A worker whose tests left nothing open still has to free a heap of a gigabyte, which takes longer on a busy machine
  // than the half second after which Jest says that it "has failed to exit gracefully".
  workerGracefulExitTimeout: 15_000,
  testSequencer: '<rootDir>/test/support/longest-first.js',
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/{apps,libs}/**/src/**/*.spec.ts'] },
    {
      ...withServers,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/{flows,compliance,operations,library,administration}/**/*.e2e-spec.ts'],
    },
    {
      ...withServers,
      displayName: 'full',
      testMatch: [
        '<rootDir>/test/{attacks,cli,clients,configuration,contexts,database,docs,full,openapi}/**/*.e2e-spec.ts',
      ],
    },
  ],
};
