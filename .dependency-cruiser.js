/** The directions in which dependencies may point (docs/architecture.md). */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    rule('no-cycles', 'A cycle has no first file to read.', {}, { circular: true }),
    {
      ...rule(
        'no-folder-cycles',
        'A folder stands on others and never on what stands on it.',
        { path: '^(apps|libs)/' },
        { circular: true },
      ),
      scope: 'folder',
    },
    rule(
      'libs-know-no-apps',
      'Libraries never import applications.',
      { path: '^libs/' },
      { path: '^(apps|test)/' },
    ),
    rule(
      'apps-know-no-apps',
      'The two servers share nothing but the wire contract and libraries.',
      { path: '^apps/([^/]+)/' },
      { path: '^apps/', pathNot: '^apps/$1/' },
    ),
    rule(
      'contracts-stand-alone',
      'The wire contract depends on nothing of ours.',
      { path: '^libs/contracts/' },
      { path: '^libs/(?!contracts/)' },
    ),
    rule(
      'the-library-is-publishable',
      'What other teams install brings the wire contract and nothing else of ours.',
      { path: '^libs/resource-server/' },
      { path: '^libs/(?!resource-server/|contracts/)' },
    ),
    rule(
      'platform-stands-alone',
      'The platform knows no domain.',
      { path: '^libs/platform/' },
      { path: '^libs/(?!platform/)' },
    ),
    rule(
      'oauth-over-domain',
      'Endpoints call the domain, never the other way round.',
      {
        path: '^apps/authorization-server/src/(?!(oauth|provisioning|account|admin|cli|bearer|http)/)[^/]+/',
      },
      { path: '^apps/authorization-server/src/(oauth|provisioning)/' },
    ),
    rule(
      'typeorm-behind-repositories',
      'TypeORM stays inside repositories, entities, migrations and the database folder.',
      { path: '^apps/', pathNot: '(-repository|\\.entity|/database/.*|\\.spec)\\.ts$' },
      { path: 'node_modules/typeorm/' },
    ),
    rule(
      'no-test-code-in-sources',
      'Sources never import tests.',
      { path: '^(apps|libs)/' },
      { path: '^test/|\\.spec\\.ts$' },
    ),
    rule(
      'only-specs-use-their-support',
      'What specs share is not built.',
      { path: '^(apps|libs)/', pathNot: '\\.spec(-support)?\\.ts$' },
      { path: '\\.spec-support\\.ts$' },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.check.json' },
    exclude: { path: '(^|/)(dist|cjs)/' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
    moduleSystems: ['es6'],
  },
};
