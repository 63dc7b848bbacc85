import { families } from './escape.ts'

/** What the tools of Python, Go, Rust, Ruby, PHP, Java and C can be told to load, run or write. */
export const languageEscapes = families(`
python3: runs code that nobody reviewed
= @
= -B @
-c {code}
-c{code}
-ic {code}
-
-i
-m http.server
-m http.server --directory {dir}
-m pip install x
-m pip install -e .
-m pip download x
-m ensurepip
-m venv {out}
-m code
-m pdb {run}
-m cProfile {run}
-m trace --trace {run}
-m timeit {code}
-m runpy {run}
-m zipfile -e {read} {dir}
-m tarfile -e {read} {dir}
-m zipapp {dir} -o {out}
-m compileall {dir}
-m py_compile {read}
-m webbrowser x
-m smtpd
-m ftplib x
-m telnetlib x
-m antigravity
-m idlelib
-m unittest {run}
-m pytest -c {read}
-m pytest -p evil
-m pytest --rootdir={dir}
-m pytest {run}
-m unittest discover -s {dir}
-m base64 -e {read}
-m tokenize {read}
-m json.tool {read}
-m site
-m sysconfig
-m cgi
-m doctest {run}
-m pty
-X importtime -c {code}
-W error -c {code}
-x {run}
{run}
{out}
-- {run}
--check-hash-based-pycs always -c {code}

python: runs code that nobody reviewed
-c {code}
-i
-
-m http.server
-m pip install x
-m venv {out}
{run}
-m timeit {code}
-m pytest -p evil

pip: downloads and runs build code
install x
install -e .
install -r {read}
install -c {read} x
install --index-url http://127.0.0.1:9 x
install --extra-index-url http://127.0.0.1:9 x
install --find-links {dir} x
install --target {dir} x
install -t {dir} x
install --prefix={dir} x
install --root={dir} x
install --user x
install --config-settings x=y .
install --global-option=x .
install --build-option=x .
install --trusted-host x x
install --log {out} x
install git+file://{dir}
install {dir}
--log {out} list
--cache-dir {dir} list
--proxy x list
--cert {read} list
--client-cert {read} list
--python {run} list
--isolated install x
download x
download -d {dir} x
wheel .
wheel -w {dir} .
uninstall -y x
config edit --editor {run}
config --editor {run} edit
config set global.index-url x
freeze --path {dir}
list --path {dir}
hash {read}
cache purge
debug
completion --bash
inspect --path {dir}
index versions x

uv: downloads and runs build code
run x
run {run}
run --with evil python
run -m http.server
run python -c {code}
tool run cowsay
tool install x
pip install x
sync
add x
lock
venv {out}
build
publish
python install 3
init {out}
--directory {dir} run x
--project {dir} run x
--config-file {read} sync
--cache-dir {dir} sync
self update

uvx: runs any package
cowsay
--from x y

pipx: runs any package
run cowsay
install x
runpip x list
inject x y

poetry: runs anything
run x
run {run}
run python -c {code}
install
add x
-C {dir} run x
--directory {dir} run x
publish
build
shell
self add x
config x y
plugin add x
source add x http://127.0.0.1:9
env use {run}

pytest: loads plugins and configuration from anywhere
= @
= -q @
= tests @
-p evil
-pevil
-c {read}
-c{read}
--config-file={read}
--config-file {read}
--confcutdir={dir}
--confcutdir {dir}
--rootdir={dir}
--rootdir {dir}
--rootd={dir}
--basetemp={dir}
--basetemp {dir}
--baset={dir}
-o python_files=*
-o cache_dir={dir}
--override-ini=addopts=-pevil
--override-ini addopts=x
--override=x=y
--junitxml={out}
--junit-xml={out}
--junitxm={out}
--log-file={out}
--log-file {out}
--log-fil={out}
--debug={out}
--debug
--report-log={out}
--html={out}
--cov-report=html:{dir}
--cov-report=xml:{out}
--cov-config={read}
--cov-config {read}
--pyargs os
--import-mode=importlib
--pdbcls=evil:Evil
--pdb
--trace
--pastebin=all
--pasteb=all
--doctest-modules
--ignore={dir}
--deselect={dir}
--resultlog={out}
--setup-plan
--cache-clear
--store-durations
--rsyncdir={dir}
--tx=popen//python={run}
-n logical --tx popen
--dist=load
-x {read}
{run}
@{read}
--plugins={run}

tox: runs anything
= @
-e py --override testenv.commands={run}
-x testenv.commands={run}
--workdir {dir}
-c {read}
--conf {read}
--root {dir}
exec -- {run}
devenv {out}
--runner {run}
--result-json {out}
--installpkg {read}

nox: runs anything
-f {run}
--noxfile {run}
--envdir {dir}
--report {out}
--extra-pythons {run}
-P {run}

ruff: configuration and output from anywhere
check --config {read}
check --config={read} .
check --config "x={read}"
check --output-file {out} .
check -o {out} .
check --cache-dir {dir} .
check {read}
check --stdin-filename {read}
check --add-noqa {read}
format {read}
format --config={read} .
server
clean {dir}
--config {read} check .

black: configuration from anywhere
--config {read} .
--config={read} .
-c {code}
--code {code}
{read}
--stdin-filename {read} -
--include x {dir}
--check {read}
--force-exclude x {dir}

mypy: loads plugins and configuration from anywhere
--config-file {read} src
--config-file={read} src
--python-executable {run} src
--python-executable={run} src
--install-types src
--install-types --non-interactive src
--cache-dir={dir} src
--junit-xml={out} src
--html-report {dir} src
--txt-report={dir} src
--any-exprs-report {dir} src
--custom-typeshed-dir={dir} src
--shadow-file {read} {read}
-c {code}
-m os
-p os
@{read}
{read}
--strict {read}
--plugins {run} src
--pdb src

flake8: loads configuration and writes
--config {read}
--append-config={read}
--output-file={out}
--tee --output-file {out}
--enable-extensions evil
--format={run}
--isolated {read}
--install-hook git

pylint: loads code
--load-plugins=evil x
--init-hook={code} x
--init-hook {code} x
--rcfile={read} x
--output={out} x
--ignore-paths={dir} x
--generate-rcfile
--import-graph={out} x

go: another tool, or another module, does the work
= test @ ./...
= vet @ ./...
= build @ ./...
= list @ ./...
-toolexec {run}
-toolexec={run}
--toolexec={run}
--toolexec {run}
-exec {run}
-exec={run}
--exec {run}
-overlay {read}
-overlay={read}
-modfile={read}
-modfile {read}
-modcacherw
-mod=mod
-C {dir}
-C ..
-C={dir}
-o {out}
-o={out}
-ldflags=-extld={run}
-ldflags -extld={run}
-ldflags=-linkmode=external{_}-extld={run}
-gcflags=-asmhdr={out}
-asmflags=-o={out}
-gccgoflags=-B{dir}
-compiler=gccgo
-pkgdir={dir}
-vettool={run}
-vettool {run}
-coverprofile={out}
-coverprofile {out}
-cpuprofile={out}
-memprofile={out}
-blockprofile={out}
-trace={out}
-outputdir={dir}
-testlogfile={out}
-test.coverprofile={out}
-args -x
-buildmode=plugin
-linkshared
-installsuffix=x
-tags={run}
-work
-asan
-msan
-fuzz=.
-pgo={read}
-p={run}
-json={out}
-f={{.Dir}}
-export
-compiled
-deps
-m
-u

go: runs or fetches anything
generate
generate ./...
run .
run {run}
run github.com/x/y@latest
install .
install github.com/x/y@latest
get x
get -u ./...
mod download
mod edit -replace x={dir}
mod init x
mod vendor -o {dir}
mod tidy
work use {dir}
work init
env -w GOFLAGS=-toolexec={run}
env -w GOPROXY=x
env -u x
tool pprof -http=: x
tool cover -html=x -o {out}
tool compile -o {out} x.go
tool link -extld={run} x
tool asm x
tool cgo x
tool dist x
telemetry on
clean -cache
clean -modcache
bug
doc -http
fix ./...
fmt {dir}
version {read}
test github.com/x/y
test ../...
test {dir}
build {dir}
vet {dir}/...
list -m all
list {dir}
build -o {out}
test {run}.go

gofmt: rewrites files, or rules from elsewhere
-w {dir}
-l {dir}
-l {read}
-cpuprofile {out} .
-cpuprofile={out} .
-l -w {read}

golangci-lint: loads configuration and custom linters
run -c {read}
run --config={read}
run --out-format=x:{out}
run --cpu-profile-path={out}
custom
run --path-prefix={dir} {dir}

cargo: a setting names a program
= @ test
= test @
= build @
= check @
--config {read}
--config={read}
--config build.rustc-wrapper="{run}"
--config=build.rustc="{run}"
--config=target.x86_64-unknown-linux-gnu.runner="{run}"
--config=target.x86_64-unknown-linux-gnu.linker="{run}"
--config=alias.test="run"
--manifest-path {dir}/Cargo.toml
--manifest-path={dir}/Cargo.toml
--manifest-pa={dir}/Cargo.toml
--target-dir {dir}
--target-dir={dir}
--artifact-dir={dir}
--out-dir={dir}
--target {read}
--target={read}
--build-plan
--unit-graph
-Z unstable-options
-Zunstable-options
-Zscript
-C {dir}
-C ..
-C{dir}
--lockfile-path={out}
--profile x
--message-format=json{_}{out}
--timings={out}
--future-incompat-report
--color={run}
--explain x

cargo: runs or fetches anything
run
run --bin x
run --example x
install x
install --path .
install --git file://{dir}
install --root {dir} x
uninstall x
publish
publish --allow-dirty
yank x
owner --add x
login
logout
add x
add --path {dir} x
remove x
update
fetch
vendor {out}
package
new {out}
init {out}
bench
doc --open
rustc -- -C linker={run}
rustc -- --emit=link={out}
rustdoc -- --output={dir}
clippy -- --fix
clippy --fix
clippy --fix --allow-dirty
clippy -- -C linker={run}
fix
fix --allow-dirty
fmt
fmt -- --config-path {dir}
fmt -- --emit files
miri run
xtask
evil
+nightly test
+{run} test
search x
info x
report future-incompatibilities
script {run}
{run}
test -- --logfile {out}
test -- --format=json --logfile={out}
metadata --manifest-path {dir}/Cargo.toml
tree --manifest-path={dir}/Cargo.toml
locate-project --manifest-path={dir}/Cargo.toml
generate-lockfile
help test
-Zscript {run}
clean --target-dir {dir}

rustc: another linker, another place
-C linker={run} x.rs
-Clinker={run} x.rs
-o {out} x.rs
--out-dir {dir} x.rs
--emit=link={out} x.rs
--extern x={read} x.rs
-L {dir} x.rs
--sysroot {dir} x.rs
@{read}
{read}
-C link-arg=-fplugin={read} x.rs
--codegen linker={run} x.rs
-Z codegen-backend={read} x.rs

rustup: replaces the toolchain
run nightly {run}
default nightly
toolchain install x
toolchain link x {dir}
override set x
component add x
self update
update
which x

rustfmt: rewrites files
{read}
--config-path {read} src/lib.rs
--emit files src/lib.rs
--print-config default {out}

gem: runs any package
install x
exec x
build x
push x
fetch x
unpack x
environment
cert --add {read}
install --install-dir {dir} x

bundle: runs any program
exec {run}
exec sh -c {code}
exec ruby -e {code}
exec irb
exec --gemfile={read} rake test
exec rake -f {run} test
exec rake --rakefile {run}
exec rake -e {code}
exec rake -r {run} test
exec rspec -r {run}
exec rspec --require {run}
exec rspec -O {read}
exec rspec --options {read}
exec rspec -o {out}
exec rspec --out {out}
exec rspec -f {run}
exec rspec -I {dir}
exec rspec {run}
exec rubocop -r {run}
exec rubocop -c {read}
install
install --path {dir}
install --gemfile={read}
add x
update
console
config set path {dir}
config set --global x y
open x
gem {out}
plugin install x
cache
package
viz -f {out}
show x
binstubs x
init

rake: loads another file, or code
-f {run} test
--rakefile {run} test
--rakefile={run} test
-r {run} test
--require {run} test
-I {dir} test
--libdir {dir} test
-R {dir} test
--rakelibdir {dir} test
-e {code}
--execute {code}
-E {code}
-p {code}
--execute-print {code}
--execute-continue {code}
-g test
--system test
-C {dir} test
--directory {dir} test
test X=y
-N test
--suppress-backtrace x test
missing
-t{out} test

rspec: loads anything
-r {run}
--require {run}
-I {dir}
-O {read}
--options {read}
-o {out}
--out {out}
-f {run}
--format {run}
--default-path {dir}
--pattern {dir}/**
-P {dir}/**
--init
--drb
{run}
--bisect
-e {code} {run}

rubocop: loads anything
-r {run}
--require {run}
-c {read}
--config {read}
--plugin {run}
-f {run}
--format {run}
-o {out}
--out {out}
--cache-root {dir}
{read}
--stdin {read}
--server
--start-server
--lsp

ruby: runs code that nobody reviewed
-e {code}
-e{code}
-r {run} x.rb
-r{run} x.rb
-I {dir} x.rb
-S rake
-C {dir} x.rb
-x {run}
{run}
-
-n -e {code}
-i.bak -pe {code} x
-run -e httpd
--external-encoding=x -e {code}

irb: runs anything typed
-r {run}
{run}

php: runs code that nobody reviewed
-r {code}
-R {code}
-B {code}
-E {code}
-F {run}
-f {run}
-S 0.0.0.0:8000
-S 0.0.0.0:8000 -t {dir}
-a
-c {read} x.php
-d auto_prepend_file={run} x.php
-d extension={run} x.php
-dauto_prepend_file={run} x.php
-z {run} x.php
{run}
-- {run}

composer: runs any package or script
exec x
exec -- {run}
require x
remove x
install
update
global require x
global exec x
create-project x {out}
create-project --repository={dir} x {out}
config scripts.x {run}
config --global x y
config --editor
run-script -d {dir} test
run-script --working-dir={dir} test
-d {dir} test
-d{dir} test
--working-dir={dir} test
--working-dir {dir} test
self-update
archive --dir={dir}
archive --file={out}
dump-autoload
browse x
home x
init
reinstall x
bump
run-script missing
run missing
run test -- --configuration={read}
run-script post-install-cmd -- x
-c {read} test
status -d {dir}
clear-cache

phpunit: loads anything
--bootstrap {run}
--bootstrap={run}
-c {read}
--configuration {read}
--include-path {dir}
-d auto_prepend_file={run}
--log-junit {out}
--coverage-html {dir}
--printer {run}
--extensions {run}
--prepend {run}
--cache-result-file={out}
--generate-configuration
--migrate-configuration
--atleast-version {run}
{run}

phpstan: loads anything
analyse -a {run}
analyse --autoload-file={run}
analyse -c {read}
analyse --configuration={read}
analyse --generate-baseline={out}
analyse {dir}
analyse --tmp-file={out}

mvn: a plugin or another project
-f {read} test
--file {read} test
--file={read} test
-s {read} test
--settings {read} test
-gs {read} test
-t {read} test
-Dexec.executable={run} exec:exec
exec:exec -Dexec.executable={run}
exec:java -Dexec.mainClass=x
org.codehaus.mojo:exec-maven-plugin:exec
antrun:run
deploy
site:deploy
release:perform
-Dmaven.ext.class.path={run} test
-l {out} test
--log-file {out} test
-Dmaven.repo.local={dir} test
-DaltDeploymentRepository=x deploy
dependency:get -Dartifact=x
archetype:generate
wrapper:wrapper
-Dsurefire.jvm=x -Djvm={run} test
-Djvm={run} test
versions:set -DnewVersion=1
-emp x
scm:checkin

gradle: another build, or code that runs first
-I {run} test
--init-script {run} test
--init-script={run} test
-b {run} test
--build-file {run} test
-c {run} test
--settings-file={run} test
-p {dir} test
--project-dir={dir} test
-g {dir} test
--gradle-user-home={dir} test
--include-build {dir} test
-Dorg.gradle.jvmargs=-javaagent:{run} test
-Dorg.gradle.java.home={dir} test
--project-cache-dir={dir} test
-PjvmArgs=-javaagent:{run} test
--scan test
publish
publishToMavenLocal
wrapper
wrapper --distribution-url=x
init
--write-verification-metadata sha256
--system-prop=x=y test

java: loads anything
-jar {run}
-cp {dir} X
-classpath {dir} X
-javaagent:{run} X
-agentpath:{run} X
-agentlib:jdwp=transport=dt_socket X
-XX:OnOutOfMemoryError={run} X
-XX:OnError={run} X
-XX:Flags={read} X
-Djava.security.manager X
@{read}
{run}
--module-path {dir} -m x
-Xlog:all:file={out} X

javac: runs processors, writes anywhere
-d {dir} X.java
-processorpath {dir} X.java
-processor x X.java
-cp {dir} X.java
-J-javaagent:{run} X.java
@{read}
{read}
-Xplugin:x X.java

gcc: another tool does the work, or writes anywhere
= @ x.c
-wrapper {run}
-wrapper {run},-x
-B {dir}
-B{dir}
--prefix={dir}
-fplugin={run}
-fplugin-arg-x=y
-specs={read}
-specs {read}
-o {out}
-o{out}
-include {read}
-imacros {read}
-I{dir}
-isystem {dir}
-iquote {dir}
-Wp,-MD,{out}
-Wl,-o,{out}
-Wl,--plugin,{run}
-Wl,-plugin={run}
-Wa,-o,{out}
-Xlinker -plugin -Xlinker {run}
-Xassembler -o
-fuse-ld={run}
-fuse-linker-plugin
-flto-partition=x
-fprofile-dir={dir}
-fprofile-generate={dir}
-fdump-tree-all={out}
-dumpdir {dir}
-dumpbase {out}
-MD -MF {out}
-MF {out}
-MMD -MF{out}
-save-temps={dir}
-aux-info {out}
-x c {read}
-xc {read}
-T {read}
@{read}
-fdiagnostics-format=sarif-file -dumpbase {out}
--sysroot={dir}
-isysroot {dir}
-fauto-profile={read}
-fmodule-mapper={run}
-fcompare-debug={read}
-print-file-name={read}

clang: another tool does the work
-fplugin={run} x.c
-Xclang -load -Xclang {run} x.c
-B{dir} x.c
-o {out} x.c
@{read}
--config={read} x.c
-fuse-ld={run} x.c
-ivfsoverlay {read} x.c
-MJ {out} x.c
--ld-path={run} x.c
-include {read} x.c
-fcrash-diagnostics-dir={dir} x.c

ld: runs plugins
-plugin {run} x.o
--plugin={run} x.o
-o {out} x.o
-T {read} x.o
@{read}
--script={read} x.o
-Map={out} x.o

cmake: runs scripts and tools
-P {run}
-E env {run}
-E env sh -c {code}
-E time {run}
-E chdir {dir} {run}
-E copy {read} {out}
-E copy_if_different {read} {out}
-E copy_directory {dir} {out}
-E rm -rf {dir}
-E remove {out}
-E remove_directory {dir}
-E rename {read} {out}
-E make_directory {out}
-E create_symlink {read} x
-E tar xf {read}
-E touch {out}
-E cat {read}
-E server
-E cmake_symlink_library x y z
-E __run_co_compile --source=x -- {run}
-C {run} .
-S {dir} -B {dir}
-B {dir}
-S . -B {dir}
-H{dir}
-G Unix{_}Makefiles -DCMAKE_MAKE_PROGRAM={run} .
-DCMAKE_C_COMPILER={run} .
-DCMAKE_TOOLCHAIN_FILE={run} .
-DCMAKE_PROJECT_INCLUDE={run} .
-D CMAKE_C_COMPILER_LAUNCHER={run} .
--toolchain {run} .
--install . --prefix {dir}
--install {dir}
--build {dir}
--build . -- SHELL={run}
--build . --target x -- -f {run}
--open .
--graphviz={out} .
--trace-redirect={out} .
--preset x
--workflow --preset x
--profiling-output={out} .
--find-package x

ctest: runs scripts
-S {run}
-SP {run}
--script {run}
--build-and-test {dir} {dir}
-O {out}
--output-log {out}
--test-dir {dir}
-D Experimental
-T Submit
--extra-submit {out}
--resource-spec-file {read}

meson: runs anything
setup {out}
setup --native-file {read} build
setup --cross-file={read} build
devenv {run}
install --destdir {dir}
test --wrapper {run}
test --wrap={run}
test --gdb-path {run}
compile --ninja-args=-f{run}
subprojects foreach {run}
init -C {dir}
-C {dir} test

ninja: another build file
-f {run}
-C {dir}
-t clean
-t recompact
-C.. test
-f{run}

bazel: runs anything
run //x
test --run_under={run} //...
build --script_path={out} //...
--output_base={dir} test //...
--bazelrc={read} test //...
test --test_env=LD_PRELOAD={run} //...
build --action_env=PATH={dir} //...
--host_jvm_args=-javaagent:{run} test //...

swift: runs anything
run
package --allow-writing-to-directory {dir} x
build --package-path {dir}
test --package-path {dir}
{run}
-e {code}
build -Xlinker -plugin
build --scratch-path {dir}
repl

dotnet: runs anything
run
exec {run}
fsi {run}
tool run x
tool install x
new x -o {out}
build {read}
build -p:PreBuildEvent={run}
build -o {dir}
test --settings {read}
test --test-adapter-path {dir}
msbuild {read}
nuget push x
publish
add package x
script {run}

mix: runs anything
run -e {code}
run {run}
test --require {run}
cmd {run}
do run -e {code}
archive.install x
hex.publish
eval {code}

elixir: runs anything
-e {code}
-r {run}
{run}
--eval {code}

perl: runs code that nobody reviewed
-e {code}
-E {code}
-ne {code}
-pe {code} README.md
-i -pe {code} README.md
-Mevil x
-I{dir} x
-x{dir} x
-d:evil x
{run}
-

lua: runs code that nobody reviewed
-e {code}
-l evil
{run}
-i
-

ghc: runs code
-e {code}
-pgmF {run} x.hs
-pgml {run} x.hs
-o {out} x.hs
-F -pgmF {run} x.hs
-fplugin=Evil x.hs
--run {run}
--interactive

stack: runs anything
exec {run}
runghc {run}
ghci
script {run}
--stack-yaml {read} test
--work-dir {dir} test
test --exec {run}
build --exec {run}
--docker build
`)
