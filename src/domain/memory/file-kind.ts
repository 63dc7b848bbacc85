import { isProgramming, languageOf } from './languages.ts'

/** What part a file plays in its repository, by its path alone. */
export type FileKind =
  | 'source'
  | 'test'
  | 'docs'
  | 'changelog'
  | 'dependencies'
  | 'settings'
  | 'lock'
  | 'other'
  | 'made'

export function kindOf(path: string): FileKind {
  if (LOCK.test(path)) return 'lock'
  if (MADE.test(path)) return 'made'
  if (DEPENDENCIES.test(path)) return 'dependencies'
  const language = languageOf(path)
  if (CHANGELOG.test(path)) return 'changelog'
  if (isTest(path)) return 'test'
  if (language === null) return 'other'
  if (isProgramming(language)) return EXAMPLE.test(path) ? 'other' : 'source'
  return PROSE.has(language) ? 'docs' : 'settings'
}

/** What programs write from a list of dependencies. */
const LOCK =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|go\.sum|uv\.lock|poetry\.lock|Pipfile\.lock|Cargo\.lock|Gemfile\.lock|composer\.lock|gradle\.lockfile|pubspec\.lock|mix\.lock)$/

/** Where people write down what their code depends on. */
const DEPENDENCIES =
  /(?:^|\/)(?:package\.json|go\.mod|Cargo\.toml|pyproject\.toml|setup\.(?:py|cfg)|Pipfile|Gemfile|composer\.json|pom\.xml|build\.gradle(?:\.kts)?|pubspec\.yaml|mix\.exs|requirements[^/]*\.(?:txt|in)|[^/]+\.(?:gemspec|csproj)|\.pre-commit-config\.yaml|libs\.versions\.toml)$|(?:^|\/)requirements\/[^/]+\.(?:txt|in)$/

/** Copies of others' code and what programs wrote: nobody changes them by hand. */
const MADE =
  /(?:^|\/)(?:node_modules|vendor|third_party|dist|__snapshots__|snapshots)\/|\.(?:min\.(?:js|css)|map|snap|svg|pb\.go|g\.dart)$|_pb2\.py$/

const CHANGELOG = /^(?:docs\/|doc\/)?(?:CHANGES|CHANGELOG|HISTORY|NEWS|RELEASES?)(?:\.(?:md|rst|txt|rdoc))?$/i

const TEST_FOLDER = /(?:^|\/)(?:tests?|specs?|__tests__|testing|t|androidTest)\//
const TEST_NAME = /(?:^|\/)(?:test_[^/]+|[^/]+(?:[._-](?:test|tests|spec)|_test|_spec|Tests?|Spec|IT))\.[A-Za-z0-9]+$/
const EXAMPLE = /(?:^|\/)(?:examples?|samples?|demos?|benchmarks?|bench)\//

export function isTest(path: string): boolean {
  return TEST_FOLDER.test(path) || TEST_NAME.test(path)
}

const PROSE: ReadonlySet<string> = new Set(['Markdown', 'reStructuredText', 'Text'])

/** The name that a test shares with what it tests: `src/a/user_test.go`, `test/user.spec.ts` and `User.java` are all `user`. */
export function subjectOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\..*$/, '')
  const bare = name.replace(/^test[_-]|[_.-](?:test|tests|spec)$|(?:Tests?|Spec|IT)$/g, '')
  return (bare === '' ? name : bare).toLowerCase().replace(/[_-]/g, '')
}
