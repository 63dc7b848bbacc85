export default {
  input: 'src/entry/action.ts',
  platform: 'node',
  external: [/^node:/],
  output: { file: 'dist/action.js', format: 'esm', minify: false, codeSplitting: false },
}
