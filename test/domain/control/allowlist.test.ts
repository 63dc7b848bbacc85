import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeCommand } from '../../../src/domain/control/allowlist.ts'
import { facts, loaded } from './shipped.ts'

const { policy } = loaded()

function judge(argv: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = '.') {
  return judgeCommand({ argv, env, cwd }, policy, facts)
}

const split = (line: string) => line.split(' ')

const BENIGN = `
ls
ls -la src
ls -1 --recursive test
cat README.md
cat -n src/index.ts src/../README.md
head -20 README.md
head -n 5 README.md
tail -n5 README.md
tail --lines=5 README.md
wc -l src/index.ts
grep -rn TODO src
grep -E -i foo|bar README.md
grep --include=*.ts -r import .
grep -A3 fn src/index.ts
find . -name *.ts -type f
find src -maxdepth 2 -not -name *.js
sort -u README.md
diff -u README.md package.json
sed -n 1,20p README.md
git status
git status --short --branch
git status --porcelain=v2
git --no-pager diff --stat
git diff HEAD~1..HEAD -- src
git diff main...feature/x --name-only
git log --oneline -5
git log -n 3 --format=%H -- README.md
git log --since=2.weeks --author=ana
git show HEAD:README.md
git show --stat v1.2.0
git ls-files *.ts
git rev-parse HEAD
git rev-parse --abbrev-ref HEAD
git blame src/index.ts
git grep -n TODO
git merge-base HEAD origin/main
git branch --show-current
git --version
node --version
npm --version
npm test
npm test -- test/index.test.js
npm run lint
npm run -s typecheck
npm -s run build
npm run test:unit
npm run-script check
pnpm test
pnpm run lint
pnpm test:unit
yarn lint
yarn run build
node --test
node --test test/index.test.js
node --test test/*.test.js
node --test --test-reporter=spec test
node --check src/index.ts
pytest
pytest -q tests
pytest -x tests/test_a.py::test_b
pytest -k fast --maxfail=1 tests
python3 -m pytest -q
python3 -m unittest discover -s tests
python3 -m unittest tests/test_a.py
go test ./...
go test -race -count=1 ./pkg/...
go vet ./...
cargo test --workspace --locked
cargo clippy --all-targets -- -D warnings
cargo fmt --check
make test
make -j4 lint test-unit
npm ci --ignore-scripts --no-audit --no-fund
`
  .trim()
  .split('\n')

/** One row for each option and wrapper that is known to turn an allowed program into another one. */
const HOSTILE = `
git -c core.pager=sh diff
git --config-env=core.pager=X diff
git -C /tmp status
git -C src status
git --git-dir=/tmp/x status
git --work-tree=/ status
git --exec-path=/tmp status
git -p log
git --paginate log
git --namespace=x log
git fetch --upload-pack=x origin
git fetch --upload-pa=x origin
git clone -u x ext::sh
git push --receive-pack=x origin
git push --exec=x origin
git push
git init --template=/tmp/x
git clone ext::sh .
git clone file:///etc x
git diff --output=x
git diff --outp=x
git diff -o x
git log --output=x
git grep -O sh TODO
git grep --open-files-in-pager=sh TODO
git grep --open-files-in-p=sh TODO
git diff --ext-diff
git diff --ext
git log --textconv
git show --textco HEAD
git diff --no-index /etc/passwd README.md
git diff --no-index README.md package.json
git diff /etc/passwd README.md
git diff README.md ../../etc/passwd
git diff link README.md
git blame --contents /etc/passwd README.md
git commit -F /etc/passwd
git grep --file=/etc/passwd
git grep -f /etc/passwd
git rebase -x sh HEAD
git rebase -i HEAD~2
git bisect run sh
git difftool -x sh
git filter-branch --tree-filter sh
git submodule foreach sh
git send-email --smtp-server=/tmp/x
git fast-export --export-marks=/tmp/x
git worktree add /tmp/x
git bundle create /tmp/x HEAD
git checkout-index --prefix=/tmp/ -a
git config core.pager sh
git config --list
git credential fill
git init /tmp/x
git clone . /tmp/x
git hash-object -w README.md
git interpret-trailers README.md
git status --pathspec-from-file=/etc/passwd
git ls-files --exclude-from=/etc/passwd
git ls-files -X /etc/passwd
git log -L1,2:README.md
git log --no-walk --stdin
git show :/secret
git show HEAD:../../etc/passwd
git show HEAD:.git/config
git cat-file --textconv HEAD:README.md
git cat-file --batch
git diff :(top)..
git rev-parse --git-path hooks
git rev-parse --parseopt
git --stat
npm exec cowsay
npm x cowsay
npm exec -c sh
npx cowsay
npm run lint -c sh
npm run --script-shell=/tmp/x lint
npm --script-shell=/tmp/x test
npm --prefix /tmp test
npm test --prefix /tmp
npm -C /tmp test
npm --userconfig=/tmp/x test
npm test --node-options=--require=/tmp/x
npm install --git=/tmp/x
npm ci --registry=http://x
npm ci
npm install
npm i left-pad
npm ci --ignore-scripts --no-audit --no-fund --foreground-scripts
npm config set x y
npm edit x
npm explore x
npm run
npm run start
npm run postinstall
npm run missing
npm run test:missing
npm run lintx
npm publish
npm test -- --config=/tmp/x
npm test -- ../x
npm run-scrip lint
pnpm dlx cowsay
pnpm exec sh
pnpm -C /tmp test
pnpm start
yarn dlx cowsay
yarn --cwd /tmp test
yarn exec sh
yarn start
bunx cowsay
node -e x
node -p x
node --eval x
node --eval=x
node --print x
node -r x --test
node --test -r x
node --test --require x
node --test --require=./x.js
node --test --import ./x.js
node --import ./x.js --test
node --loader ./x.js --test
node --test --experimental-loader=./x.js
node --env-file=.env --test
node --inspect --test
node --test --inspect-brk
node --build-snapshot x
node --test --test-reporter=./x.js
node --test --test-reporter-destination=x
node --test --test-coverage-include=x
node --test ../x.js
node --test /tmp/x.js
node --test missing.js
node --test link
node -
node src/index.ts
node
tsc --outFile /tmp/x
tsc --outDir /tmp
tsc --project /tmp
tsc --build
eslint -c /tmp/x .
prettier --config /tmp/x .
vitest --config=/tmp/x
jest --globalSetup=/tmp/x
tar -I sh -xf x.tar
tar --use-compress-program=sh -xf x
tar --use-compress-pr=sh -xf x
tar --to-command=sh -xf x
tar --checkpoint-action=exec=sh -xf x
tar --rsh-command=sh -xf h:x
tar --info-script=sh -xf x
tar -P -xf x
tar -C / -xf x
tar --xform=s/x/y/ -xf x
find . -exec sh {} ;
find . -execdir sh {} ;
find . -ok sh {} ;
find . -okdir sh {} ;
find . -delete
find . -fprint x
find . -fprintf x y
find . -fprint0 x
find . -fls x
find / -name x
find -L src
find .. -name x
find . -newer /etc/passwd
find . -files0-from /etc/passwd
make --eval=x test
make -f /tmp/x test
make -C /tmp test
make -I /tmp test
make test SHELL=/tmp/x
make SHELL=/tmp/x
make -e test
make deploy
make
make missing
sed -n e README.md
sed -n 1e README.md
sed s/x/id/e README.md
sed -n s/x/y/w README.md
sed -n w/tmp/x README.md
sed -n r/etc/passwd README.md
sed -i s/x/y/ README.md
sed -f x README.md
sed -s p README.md
sed -n -i 1p README.md
awk {system("id")} README.md
gawk 1 README.md
sort --compress-program=sh README.md
sort --compress-prog=sh README.md
sort -o x README.md
sort -T /tmp README.md
sort --files0-from=x
uniq README.md package.json
xargs ls
env ls
env FOO=1 npm test
nice npm test
timeout 5 npm test
nohup npm test
setsid npm test
stdbuf -o0 npm test
flock x npm test
script -c sh
watch ls
strace ls
parallel ls
sh -c ls
bash -c ls
bash x.sh
dash x.sh
zsh -c ls
busybox sh
sudo ls
perl -e 1
ssh -oProxyCommand=sh x
rsync -e sh a b
less README.md
man ls
gdb ls
pip config --editor sh edit
pip install x
pip install -r requirements.txt
pip install -e .
pip install --index-url http://x y
uv run x
poetry run x
pytest -c /tmp/x
pytest -p evil
pytest --rootdir=/
pytest -o python_files=x
pytest --confcutdir=/
pytest --basetemp=/tmp
pytest --junitxml=/tmp/x
pytest --pyargs os
pytest missing.py
pytest ../x
python3 -c x
python3 x.py
python3 -m http.server
python3 -m pip install x
python3 -i -m pytest
go test -toolexec sh ./...
go test -exec sh ./...
go test -overlay x ./...
go test -modfile=x ./...
go test -C /tmp ./...
go test --exec sh ./...
go test -ldflags=-X ./...
go test ../...
go test github.com/x/y
go generate ./...
go run .
go build -o /tmp/x ./...
cargo test --config x
cargo --config x test
cargo test --manifest-path /tmp/x
cargo test --target-dir /tmp
cargo run
cargo xtask
cargo +nightly test
cargo clippy -- --fix
gcc -wrapper sh x.c
gcc -B /tmp x.c
gcc -fplugin=x x.c
gcc @x
cmake -P x
cmake -E env sh
curl -o x http://x
curl -K x
curl -T x http://x
curl file:///etc/passwd
wget --use-askpass=sh x
wget -i x
wget --post-file=x http://x
jq -f x
jq -L /tmp x
jq --slurpfile a /etc/passwd x
jq --rawfile a /etc/passwd x
jq env
zip -TT sh x y
psql -c \\!
sqlite3 x .shell
openssl req -engine x
cat /etc/passwd
cat ../x
cat src/../../x
cat link
cat link/passwd
cat src/link
cat .git/config
cat .GIT/config
cat .git./config
cat GIT~1/config
cat ~/x
cat -
head -n -e README.md
head --line=5 README.md
grep -f /etc/passwd README.md
grep --file=/etc/passwd x
grep -e root /etc/passwd
grep -R x .
grep x /etc/passwd
grep --recur x .
ls /
ls src\\..\\..
wc --files0-from=x
file -f x
file -m x README.md
tree -o x
du --files0-from=x
sha256sum -c x
./x
/bin/ls
../ls
src/x
ls:
`
  .trim()
  .split('\n')

describe('the command allowlist', () => {
  it.each(BENIGN)('allows %s', (line) => {
    expect(judge(split(line))).toMatchObject({ decision: 'allow' })
  })

  it.each(HOSTILE)('denies %s', (line) => {
    const verdict = judge(split(line))
    expect(verdict.decision).toBe('deny')
    expect(verdict.rule).not.toBe('')
    expect(verdict.reasons.join('')).not.toBe('')
  })

  it.each([
    ['nothing', []],
    ['an empty program', ['']],
    ['a NUL', ['cat', 'a\0b']],
    ['a newline', ['grep', 'a\nb', 'README.md']],
    ['an escape sequence', ['echo', '\u001b[2J']],
    ['a right-to-left override', ['cat', 'a\u202eb']],
    ['a zero-width space', ['cat', '.git\u200b/config']],
    ['half a surrogate pair', ['cat', '\ud800']],
    ['an empty operand', ['cat', '']],
    ['257 words', Array.from({ length: 257 }, () => 'ls')],
    ['a word of 4,097 characters', ['echo', 'a'.repeat(4097)]],
    ['32 kilobytes of words', ['echo', ...Array.from({ length: 40 }, () => 'a'.repeat(1000))]],
  ])('denies %s', (_, argv) => {
    expect(judge(argv).decision).toBe('deny')
  })

  it.each([
    'LD_PRELOAD LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES NODE_OPTIONS NODE_PATH GIT_DIR GIT_EXTERNAL_DIFF GIT_SSH_COMMAND',
    'BASH_ENV ENV npm_config_script_shell NPM_CONFIG_REGISTRY TAR_OPTIONS MAKEFLAGS PAGER EDITOR PYTHONPATH PATH HOME',
    'RUSTC_WRAPPER GOFLAGS JAVA_TOOL_OPTIONS PERL5OPT RUBYOPT GITHUB_ENV HTTPS_PROXY __proto__ constructor FOO',
  ])('denies the variables %s', (names) => {
    for (const name of names.split(' ')) {
      const env = Object.fromEntries([[name, 'x']])
      expect(judge(['ls'], env), name).toMatchObject({ decision: 'deny', rule: 'environment.name' })
    }
  })

  it('allows a listed variable with a plain value, and nothing else in it', () => {
    expect(judge(['npm', 'test'], { CI: 'true', TZ: 'Europe/Berlin' }).decision).toBe('allow')
    for (const value of ['/etc/passwd', 'a\nb', '$(id)', '../x']) {
      expect(judge(['npm', 'test'], { TZ: value })).toMatchObject({ decision: 'deny', rule: 'environment.value' })
    }
  })

  it('resolves operands from the directory that the command runs in', () => {
    expect(judge(['cat', '../README.md'], {}, 'src').decision).toBe('allow')
    expect(judge(['cat', '../../README.md'], {}, 'src').decision).toBe('deny')
    expect(judge(['cat', 'link'], {}, 'src').decision).toBe('deny')
    expect(judge(['npm', 'test'], {}, 'src').decision).toBe('deny')
    for (const cwd of ['/', '..', 'src/..', 'link', 'missing', '.git', 'README.md']) {
      expect(judge(['ls'], {}, cwd), cwd).toMatchObject({ decision: 'deny', rule: 'cwd' })
    }
  })

  it('says what runs and that nothing but a preparation has the network', () => {
    expect(judge(['cat', 'README.md'])).toMatchObject({ runs: 'inspects', network: 'none', rule: 'cat' })
    expect(judge(['npm', 'test'])).toMatchObject({ runs: 'repository-code', network: 'none', rule: 'npm.test' })
    expect(judge(split('npm ci --ignore-scripts --no-audit --no-fund'))).toMatchObject({
      rule: 'prepare',
      network: 'prepare-hosts',
    })
    expect(judge(split('pnpm install --frozen-lockfile --ignore-scripts'))).toMatchObject({
      decision: 'deny',
      rule: 'prepare',
    })
  })

  it('names what exists where a script is missing', () => {
    expect(judge(['npm', 'run', 'test:e2e']).reasons.join()).toContain('`test:unit`')
  })

  it('asks for an approval where the policy marks a command so, even beside a rule that allows it', () => {
    const marked = loaded({
      'policy.yml': `
version: 1
commands:
  - id: careful
    decision: needs_approval
    runs: repository-code
    program: npm
    subcommand: [run, build]
  - { id: no-make, decision: deny, program: make, reason: we use npm }
`,
    }).policy
    expect(judgeCommand({ argv: ['npm', 'run', 'build'], env: {}, cwd: '.' }, marked, facts)).toMatchObject({
      decision: 'needs_approval',
      rule: 'careful',
    })
    expect(judgeCommand({ argv: ['make', 'test'], env: {}, cwd: '.' }, marked, facts)).toEqual({
      decision: 'deny',
      rule: 'no-make',
      reasons: ['we use npm'],
    })
  })

  it('denies every benign command once an unknown option is put anywhere before its end', () => {
    const option = fc.constantFrom(
      '--exec=sh',
      '--config=/x',
      '-Zq',
      '--output=x',
      '--upload-pa=x',
      '-',
      '---',
      '-c=/x',
    )
    const property = fc.property(fc.constantFrom(...BENIGN), option, fc.nat(), (line, added, at) => {
      const argv = split(line)
      const dashes = argv.indexOf('--')
      const room = dashes < 0 ? argv.length : dashes
      argv.splice(1 + (at % room), 0, added)
      return judge(argv).decision === 'deny'
    })
    fc.assert(property, { numRuns: 2000, seed: 11 })
  })

  it('denies every benign command that is given a path outside the checkout, where words are not mere filters', () => {
    const lines = BENIGN.filter((line) => !line.startsWith('cargo test'))
    const outside = fc.constantFrom('/etc/passwd', '../x', 'src/../../x', '~/x', '.git/config', 'file:///x')
    const property = fc.property(fc.constantFrom(...lines), outside, (line, path) => {
      const argv = [...split(line), path]
      return judge(argv).decision === 'deny'
    })
    fc.assert(property, { numRuns: 2000, seed: 11 })
  })

  it('decides about any words at all without failing, and allows no program that no rule lists', () => {
    const listed = new Set([...policy.commands.map((rule) => rule.program), 'npm', 'pnpm'])
    const word = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom(...BENIGN.flatMap(split)))
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
        const verdict = judge(argv)
        return verdict.decision === 'deny' || listed.has(argv[0] ?? '')
      }),
      { numRuns: 5000, seed: 11 },
    )
  })
})
