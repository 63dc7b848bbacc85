/**
 * What a mutation turned into a command that is none of the escapes any more: a listed option, or a pattern to look for.
 * `sort -temp…` is `-t` with several letters, which sort refuses.
 */
const LINES = `
git log -p
git diff -p
git grep -F {read} TODO
git grep -n -F {read} TODO
find -name {dir} x
sort -temporary-directory={dir} README.md
sort -temp={dir} README.md
sort README.md -temporary-directory={dir}
sort README.md -temp={dir}
sort -u -temporary-directory={dir} README.md
sort -u -temp={dir} README.md
grep -F {read} README.md
grep --exclude={read} -r x .
grep -rx {dir}
grep -rx ..
`

export const HARMLESS: ReadonlySet<string> = new Set(
  [
    ['/etc/passwd', '/tmp'],
    ['../read', '../dir'],
  ].flatMap(([read = '', dir = '']) => LINES.trim().replaceAll('{read}', read).replaceAll('{dir}', dir).split('\n')),
)
