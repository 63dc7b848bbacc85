const layers = ['domain', 'commands', 'app', 'adapters', 'demo', 'entry']

const inwardOnly = layers.map((layer, i) => ({
  name: `${layer}-imports-inward-only`,
  severity: 'error',
  from: { path: `^src/${layer}/` },
  to: { path: '^src/', pathNot: `^src/(${layers.slice(0, i + 1).join('|')})/` },
}))

export default {
  forbidden: [
    ...inwardOnly,
    {
      name: 'core-is-pure',
      severity: 'error',
      from: { path: '^src/(domain|commands)/', pathNot: '^src/domain/hash\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'core-needs-zod-only',
      severity: 'error',
      from: { path: '^src/(domain|commands|app)/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: 'node_modules/zod/' },
    },
    {
      name: 'adapters-do-not-meet',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
    },
    {
      name: 'only-the-cli-loads-the-demo',
      severity: 'error',
      from: { path: '^src/entry/', pathNot: '^src/entry/(cli\\.ts$|demo\\.ts$|demo/)' },
      to: { path: '^src/demo/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'src-knows-no-test', severity: 'error', from: { path: '^src/' }, to: { path: '^test/' } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
