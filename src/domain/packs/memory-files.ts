/** The places where GitHub looks for code owners, first found first. */
const CODEOWNERS = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS']

/** Files that people write down conventions in, at the root or in `.github/` and `docs/`. */
const GUIDES =
  /^(?:\.github\/|docs\/)?(?:README|CONTRIBUTING|STYLE|STYLEGUIDE|AGENTS|CLAUDE|CONVENTIONS|ARCHITECTURE)(?:\.(?:md|rst|txt|adoc))?$/i

/** Configuration of formatters, linters and compilers at the root. */
const TOOL_SETTINGS =
  /^(?:\.editorconfig|\.prettierrc(?:\..+)?|prettier\.config\..+|\.eslintrc(?:\..+)?|eslint\.config\..+|\.oxlintrc\.json|biome\.jsonc?|deno\.jsonc?|tsconfig\.json|\.stylelintrc(?:\..+)?|\.?ruff\.toml|\.flake8|\.pylintrc|mypy\.ini|\.golangci\.(?:yml|yaml|toml)|rustfmt\.toml|\.rustfmt\.toml|clippy\.toml|\.rubocop\.yml|\.clang-format|\.pre-commit-config\.yaml|\.gitattributes)$/

const MANIFESTS =
  /^(?:package\.json|pyproject\.toml|setup\.cfg|setup\.py|tox\.ini|pytest\.ini|requirements[^/]*\.txt|go\.mod|Cargo\.toml|GNUmakefile|makefile|Makefile|justfile)$/

const WORKFLOW = /^\.github\/workflows\/[^/]+\.ya?ml$/
const NOTE = /^\.agentos\/memory\/[^/]+\.md$/

export function isMemoryNote(path: string): boolean {
  return NOTE.test(path)
}

export function isCodeowners(path: string): boolean {
  return CODEOWNERS.includes(path)
}

export function isWorkflow(path: string): boolean {
  return WORKFLOW.test(path)
}

/** What kind of knowledge a file holds by its name; null for the files that are not remembered themselves. */
export function roleOf(path: string): 'convention' | 'fact' | null {
  if (GUIDES.test(path) || TOOL_SETTINGS.test(path)) return 'convention'
  return isWorkflow(path) || isCodeowners(path) ? 'fact' : null
}

/** Whether the content of a file is needed to build the MemoryPack. */
export function isRead(path: string): boolean {
  return isMemoryNote(path) || roleOf(path) !== null || MANIFESTS.test(path)
}
