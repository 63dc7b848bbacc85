import { families } from './escape.ts'

/** What Node and its package managers can be told to load, run or reach. */
export const javascriptEscapes = families(`
node: runs code from the command line
-e {code}
-p {code}
-pe {code}
-ep {code}
--eval {code}
--eval={code}
--print {code}
--print={code}
-i
--interactive
-
--run x
--eva {code}
-e{code}

node: loads another module first, or opens a door
= @ --test
= --test @
= @ --check src/index.ts
= --test @ test/index.test.js
-r {run}
-r{run}
--require {run}
--require={run}
--import {run}
--import={run}
--import=data:text/javascript,{code}
--loader {run}
--loader={run}
--experimental-loader {run}
--experimental-loader={run}
--env-file={read}
--env-file {read}
--env-file-if-exists={read}
--inspect
--inspect=0.0.0.0:9229
--inspect-brk
--inspect-wait
--inspect-port=1
--debug-port=1
--conditions=x
-C x
--preserve-symlinks-main
--openssl-config={read}
--openssl-shared-config
--icu-data-dir={dir}
--build-snapshot {run}
--build-snapshot-config={read}
--snapshot-blob={out}
--experimental-default-type=module
--experimental-sea-config={read}
--experimental-config-file={read}
--experimental-default-config-file
--redirect-warnings={out}
--diagnostic-dir={dir}
--heapsnapshot-signal=SIGUSR2
--cpu-prof
--cpu-prof-dir={dir}
--heap-prof
--heap-prof-dir={dir}
--prof
--report-on-signal
--report-dir={dir}
--report-directory={dir}
--report-filename={out}
--trace-event-file-pattern={out}
--tls-keylog={out}
--test-reporter={run}
--test-reporter {run}
--test-reporter-destination={out}
--test-global-setup={run}
--test-coverage-include={dir}
--experimental-policy={read}
--allow-child-process
--v8-options
--perf-basic-prof
--logfile={out}
--disable-proto=throw
--watch
--watch-path={dir}
--test-rerun-failures={out}

node: runs a file that nobody reviewed for it
{run}
{out}
--test {run}
--check {read}
src/index.ts
--test ../x.js
-- {run}
inspect src/index.ts
--test {out}

npm: runs any package, or a program given as text
= @
= -s @
= --silent @
exec cowsay
exec -- cowsay
exec -c {code}
exec --call={code}
exec --package=x -- y
exec --yes cowsay
x cowsay
x -c {code}
init evil
create evil
innit evil
exec --workspace=x -- sh
explore x
explore x -- {run}
edit x
config edit
config set script-shell {run}
config set registry http://127.0.0.1:9
set script-shell={run}
set x y
run-s x
publish
publish --access public
unpublish x
deprecate x y
dist-tag add x@1 y
access grant x
owner add x y
team create x
token create
login
adduser
logout
whoami
ping
hook add x
org set x
profile set x y
star x
stars
trust x
pack
version patch
version 1.2.3
install
install x
i x
add x
ci
ci --foreground-scripts
install-test
install-ci-test
update
upgrade
link
link x
rebuild
dedupe
prune
audit fix
shrinkwrap
uninstall x
cache add x
cache clean --force
doctor
fund
docs x
bugs x
repo x
home x
sbom
query *
diff --diff=x
view x
search x
start
restart
stop
run
run postinstall
run missing

npm: an option changes what a script is run with
= @ test
= test @
= run @ lint
= run lint @
= @ run build
--script-shell={run}
--script-shell {run}
--script-she={run}
--prefix={dir}
--prefix {dir}
-C {dir}
-C ..
-C{dir}
--userconfig={read}
--userconfig {read}
--globalconfig={read}
--node-options=--require={run}
--node-options --require={run}
--git={run}
--editor={run}
--viewer={run}
--browser={run}
--shell={run}
--registry=http://127.0.0.1:9
--registry http://127.0.0.1:9
--cache={dir}
--logs-dir={dir}
--tmp={dir}
--init-module={run}
--onload-script={run}
--ignore-scripts=false
--foreground-scripts
--location=global
--global
-g
--workspaces
--ws
--include-workspace-root
--workspace={dir}
-w {dir}
--call={code}
-c {code}
--proxy=http://127.0.0.1:9
--https-proxy=http://127.0.0.1:9
--cafile={read}
--strict-ssl=false
--//127.0.0.1:9/:_authToken=x
--scripts-prepend-node-path
--unsafe-perm
--key={read}
--local-prefix={dir}

npx: runs any package
cowsay
-y cowsay
--yes cowsay
-c {code}
--call={code}
-p x y
--package=x y
--no-install x
--ignore-existing x
--shell={run} x
--node-options=--require={run} x
--prefix={dir} x
github:x/y
{run}
-- x

pnpm: runs any package or another folder
= @
= --silent @
dlx cowsay
exec {run}
exec sh -c {code}
-c exec {code}
-r exec {run}
-C {dir} test
-C{dir} test
--dir={dir} test
--dir {dir} test
-C .. test
--shell-emulator test
--script-shell={run} test
--config.script-shell={run} test
--node-options=--require={run} test
--use-node-version=1 test
--pnpmfile={run} install
--global-pnpmfile={run} install
--ignore-pnpmfile=false test
--store-dir={dir} install
--virtual-store-dir={dir} install
--modules-dir={dir} install
--lockfile-dir={dir} install
--registry=http://127.0.0.1:9 install
--filter={dir} test
--filter ...^ test
-F {dir} test
--workspace-root test
-w test
-r test
--recursive test
install
install --no-frozen-lockfile
i x
add x
update
link x
import
publish
deploy {out}
create evil
env use 1
env use --global 1
self-update
setup
server start
store prune
patch x
patch-commit {dir}
config set script-shell {run}
start
restart
run postinstall
run missing
rebuild
root -g
bin -g

yarn: runs any package or another folder
= @
= --silent @
dlx cowsay
exec {run}
exec sh -c {code}
node -e {code}
create evil
--cwd {dir} test
--cwd={dir} test
--cwd .. test
--use-yarnrc {read} test
--use-yarnrc={read} test
--script-shell={run} test
--modules-folder={dir} install
--cache-folder={dir} install
--global-folder={dir} install
--preferred-cache-folder={dir} install
--registry=http://127.0.0.1:9 install
--mutex file:{out} test
--scripts-prepend-node-path=true test
--proxy http://127.0.0.1:9 install
--har install
set version from sources
set version {read}
plugin import {run}
plugin import from sources x
config set yarnPath {run}
config set script-shell {run}
policies set-version x
link {dir}
install
add x
upgrade
global add x
publish
npm publish
npm login
pack --out {out}
pack --filename {out}
workspaces foreach exec {run}
workspaces foreach -A run test
workspaces run test
workspace x exec {run}
workspace x add y
workspace {dir} test
unplug x
patch x
patch-commit {dir}
start
run
run postinstall
run --inspect test
run --inspect-brk test
run --require {run} test
run -T test
run -B test
run missing
autoclean --init
self-update
stage -c
version patch
team add x
owner add x
tag add x

bun: runs any package or code
x cowsay
-e {code}
-p {code}
--eval {code}
--print {code}
exec {code}
--preload {run} run test
-r {run} run test
--cwd={dir} run test
--config={read} run test
-c {read} test
--env-file={read} run test
--define a=b run test
--inspect run test
--shell=system run test
--bun run test
--install=force run test
run {run}
run {out}
run --preload {run} test
test --preload {run}
test --preload={run}
install
add x
create evil
upgrade
link
publish
pm trust x
build src/index.ts --outdir={dir}
repl

bunx: runs any package
cowsay
--bun cowsay
-p x y

deno: runs code or reaches out
eval {code}
repl
run {run}
run -A {run}
run --allow-all src/index.ts
run --allow-run src/index.ts
run https://127.0.0.1:9/x.ts
test -A
test --allow-run
install -g x
install --global npm:cowsay
compile src/index.ts
compile -o {out} src/index.ts
bundle src/index.ts
cache https://127.0.0.1:9/x
upgrade
publish
serve src/index.ts
jupyter
task --config={read} test
task --cwd {dir} test
task --eval {code}
fmt
fmt --config={read} --check
lint --config={read}
lint --fix
lint --rules-dir={dir}
lint {read}
fmt --check {read}
coverage {dir}
doc --html --output={out}
init {out}
add npm:cowsay
vendor --output={out}
types
x npm:cowsay

corepack: replaces package managers
enable
use x
up
install -g x
prepare x --activate
pnpm dlx cowsay

tsc: writes where it is told, and reads a project from elsewhere
= @
= --noEmit @
--outFile {out}
--outFile={out}
--outDir {dir}
--outDir={dir}
--declarationDir {dir}
--project {dir}
--project={dir}
-p {dir}
--build {dir}
-b {dir}
--rootDir {dir}
--baseUrl {dir}
--tsBuildInfoFile {out}
--generateTrace {dir}
--generateCpuProfile {out}
--plugins {run}
--typeRoots {dir}
@{read}

eslint: loads code and configuration from anywhere, and rewrites files
= @ .
= . @
-c {run}
--config {run}
--config={run}
--rulesdir {dir}
--rulesdir={dir}
--plugin {run}
--parser {run}
--parser={run}
--resolve-plugins-relative-to {dir}
--resolve-plugins-relative-to={dir}
-f {run}
--format {run}
--format={run}
-o {out}
--output-file {out}
--output-file={out}
--ignore-path {read}
--cache-location {out}
--cache-file {out}
--eslintrc={read}
--print-config {read}

prettier: loads code and configuration from anywhere, and rewrites files
= @ .
= --check @
--config {run}
--config={run}
--plugin {run}
--plugin={run}
--plugin-search-dir={dir}
--ignore-path {read}
--cache-location={out}
--find-config-path {read}
--stdin-filepath {read}
{read}

jest: loads code from anywhere
= @
= test @
-c {run}
--config {run}
--config={run}
--globalSetup={run}
--globalSetup {run}
--globalTeardown={run}
--setupFiles={run}
--setupFilesAfterEnv={run}
--testEnvironment={run}
--runner={run}
--testRunner={run}
--transform={run}
--reporters={run}
--resolver={run}
--rootDir={dir}
--rootDir {dir}
--roots={dir}
--outputFile={out}
--coverageDirectory={dir}
--cacheDirectory={dir}
--preset={run}
--moduleDirectories={dir}
--haste={run}
--projects={dir}
--filter={run}
--prettierPath={run}

vitest: loads code from anywhere
= run @
= @
-c {run}
--config {run}
--config={run}
-r {dir}
--root {dir}
--root={dir}
--dir={dir}
--globalSetup={run}
--environment={run}
--reporter={run}
--outputFile={out}
--coverage.reportsDirectory={dir}
--coverage.provider=custom
--workspace={run}
--project={dir}
--configLoader=runner
--runner={run}
--snapshotEnvironment={run}
--execArgv=--require={run}
--poolOptions.forks.execArgv=--require={run}

mocha: loads code from anywhere
= test @
-r {run}
--require {run}
--require={run}
--config {run}
--package {read}
--opts {read}
-R {run}
--reporter {run}
-u {run}
--ui {run}
--file {run}
--file={run}
--import={run}
--loader={run}
--node-option=require={run}
--spec {run}
--reporter-option output={out}
-O output={out}
`)
