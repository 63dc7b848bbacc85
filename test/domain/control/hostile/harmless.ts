/**
 * What a mutation turned into a command that is none of the escapes any more: a listed option, or a pattern to look for.
 * `sort -temp…` is `-t` with several letters, which sort refuses.
 */
export const HARMLESS: ReadonlySet<string> = new Set([
  'git log -p',
  'git diff -p',
  'git grep -F /etc/passwd TODO',
  'git grep -n -F /etc/passwd TODO',
  'find -name /tmp x',
  'sort -temporary-directory=/tmp README.md',
  'sort -temp=/tmp README.md',
  'sort README.md -temporary-directory=/tmp',
  'sort README.md -temp=/tmp',
  'sort -u -temporary-directory=/tmp README.md',
  'sort -u -temp=/tmp README.md',
  'grep -F /etc/passwd README.md',
  'grep --exclude=/etc/passwd -r x .',
  'grep -rx /tmp',
  'grep -rx ..',
])
