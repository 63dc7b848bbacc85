export default {
  input: 'src/entry/action.ts',
  platform: 'node',
  output: { file: 'dist/action.js', format: 'esm', minify: false },
}
