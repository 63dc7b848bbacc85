import { families } from './escape.ts'

/** What git itself can be told to run, write or read elsewhere. */
export const gitEscapes = families(`
git: options before the subcommand change what git is
= @ log
= @ status
= @ diff
-c core.pager={run}
-c core.fsmonitor={run}
-c core.hooksPath={dir}
-c core.sshCommand={run}
-c diff.external={run}
-c core.editor={run}
-c alias.log=!{run}
-c alias.status=!{run}
-c include.path={read}
-ccore.pager={run}
--config-env=core.pager=X
--config-env core.pager=X
-C {dir}
-C ..
--git-dir={dir}
--git-dir {dir}
--work-tree={dir}
--work-tree {dir}
--exec-path={dir}
-p -c core.pager={run}
--paginate -c core.pager={run}
-p
--paginate
--namespace=x
--super-prefix=x/
--bare
--attr-source=HEAD

git: an alias or unknown subcommand is whatever its configuration says
-c alias.x=!{run} x
-c alias.x=!{code} x
x
evil --flag

git: writes a file anywhere
= diff @
= log @
= show @
= diff HEAD @
= diff @ -- README.md
--output={out}
--output {out}
--ext-diff
--textconv
--outp={out}
--outp {out}
-o {out}
-o{out}
--ext
--textco

git: compares files that are not of the repository
= diff @
--no-index {read} README.md
--no-index README.md {read}
--no-ind {read} README.md
{read} README.md
README.md {read}
-- {read}
-O{read}
-O {read}
--orderfile={read}

git: runs a pager or an editor of the caller
= grep @ TODO
= grep -n @ TODO
-O{run}
-O {run}
--open-files-in-pager={run}
--open-files-in-p={run}
--open-files={run}
-nO{run}
-f {read}
--file={read}
--no-index
--no-ind
--recurse-submodules
--ext-grep

git: runs a program on the other side
= clone @ . {out}
= fetch @ .
= ls-remote @ .
= pull @ .
--upload-pack={run}
--upload-pack {run}
--upload-pa={run}
--upload={run}
-u {run}
-u{run}
-c protocol.ext.allow=always
--template={dir}
--config=core.pager={run}
-c core.sshCommand={run}
--separate-git-dir={out}

git: an address can name a program
= clone @ {out}
= fetch @
= ls-remote @
= remote add x @
= submodule add @
ext::{run}
ext::sh{_}-c{_}{code}
file://{dir}
{dir}
ssh://-oProxyCommand={run}/x
-oProxyCommand={run}:x
fd::3
http://127.0.0.1:9/x
git@127.0.0.1:x

git: pushes, and runs a program on the other side
= push @ . HEAD
--receive-pack={run}
--receive-pa={run}
--receive-pack {run}
--exec={run}
--exec {run}
--force
--mirror
--all
--tags
--no-verify
--delete
--push-option=x

git: moves refs or the working tree
push
push origin main
push --force origin HEAD:main
commit -m x
commit --amend
commit -F {read}
commit --file={read}
commit -t {read}
commit --no-verify
merge x
rebase main
reset --hard
reset HEAD~1
clean -fdx
checkout .
checkout -b x
checkout -- README.md
switch -c x
restore README.md
stash
stash pop
tag v1
tag -d v1
branch x
branch -D x
branch -m x
cherry-pick x
revert x
am {read}
apply {read}
apply --directory={dir} {read}
apply --unsafe-paths {read}
add -A
add --chmod=+x README.md
rm README.md
mv README.md x
gc
prune
repack
reflog expire --all
update-ref refs/heads/x HEAD
symbolic-ref HEAD refs/heads/x
replace x y
notes add -m x
update-index --index-info
read-tree HEAD
write-tree
mktag
mktree
commit-tree HEAD
filter-branch --tree-filter {run}
filter-branch --env-filter {run}
filter-branch --msg-filter {run} HEAD
remote set-url origin x
remote add x ext::{run}
remote update
sparse-checkout set x

git: runs a given program
rebase -x {run} HEAD
rebase --exec {run} HEAD
rebase --exec={run} HEAD
rebase -i HEAD~2
rebase --interactive HEAD~2
bisect start
bisect run {run}
bisect run sh -c {code}
difftool -x {run}
difftool -y -x {run} HEAD
difftool --extcmd={run} HEAD
difftool --extcm={run} HEAD
difftool --tool-help
mergetool
mergetool --tool={run}
submodule foreach {run}
submodule foreach {code}
submodule update --init
submodule add ext::{run}
send-email --smtp-server={run} x
send-email --sendmail-cmd={run} x
send-email --to-cmd={run} x
instaweb --httpd={run}
instaweb
web--browse --browser={run}
gui
citool
daemon --base-path=/
shell
upload-pack {dir}
receive-pack {dir}
upload-archive {dir}
http-backend
remote-ext x {run}
credential fill
credential approve
credential-store --file={out} store
credential-cache store
imap-send
svn clone {dir}
cvsserver
p4 clone x
archive --remote=ext::{run} HEAD
archive --remote={dir} --exec={run} HEAD
archive --exec={run} --remote=. HEAD
archive --output={out} HEAD
archive -o {out} HEAD
archive --add-file={read} HEAD
archimport x
quiltimport --patches={dir}
range-diff --ext-diff a b
merge-file -p {read} README.md README.md
merge-index {run} -a
merge -s {run} x
hook run pre-commit
maintenance run
maintenance start
help -w log
help --web log
help -m log
var GIT_EDITOR
for-each-repo --config=x {run}
request-pull x {dir}
stash push --pathspec-from-file={read}

git: writes outside, or configuration that is run later
init {out}
init --template={dir}
init --separate-git-dir={out}
init --bare {out}
clone . {out}
clone --bare . {out}
clone --mirror . {out}
worktree add {out}
worktree add {out} HEAD
worktree move x {out}
bundle create {out} HEAD
bundle unbundle {read}
checkout-index --prefix={out} -a
checkout-index -a --prefix {out}
checkout-index -f -a
format-patch -o {dir} HEAD~1
format-patch --output-directory={dir} HEAD~1
format-patch -1 --output-dir={dir}
fast-export --export-marks={out} HEAD
fast-export --import-marks={read} HEAD
fast-import
pack-objects {out}
index-pack -o {out} {read}
unpack-objects
multi-pack-index --object-dir={dir} write
commit-graph --object-dir={dir} write
config core.pager {run}
config core.fsmonitor {run}
config --global core.pager {run}
config --file={out} a.b c
config -f {out} a.b c
config --edit
config -e
config --list
config --get x.y
config alias.x !{run}
config --add core.hooksPath {dir}
config set core.pager {run}
rerere
bugreport -o {dir}
diagnose -o {dir}
mailsplit -o{dir} {read}
mailinfo {out} {out}
annotate --contents {read} README.md
rev-parse --git-path hooks
rev-parse --parseopt
rev-parse --git-dir
rev-parse --path-format=absolute

git: reads a file that is not of the repository
blame --contents {read} README.md
blame --contents={read} README.md
blame --content {read} README.md
blame -S {read} README.md
blame --ignore-revs-file={read} README.md
hash-object -w README.md
hash-object -w {read}
hash-object --stdin-paths
hash-object {read}
interpret-trailers {read}
interpret-trailers --in-place {read}
status --pathspec-from-file={read}
ls-files --exclude-from={read}
ls-files -X {read}
ls-files -X{read}
ls-files --exclude-per-directory={read}
ls-files --with-tree=x
check-ignore --stdin
check-attr --stdin -a
cat-file --textconv HEAD:README.md
cat-file --filters HEAD:README.md
cat-file --batch
cat-file --batch-check
cat-file --batch-all-objects --batch
cat-file -p HEAD:../../{read}
show HEAD:{read}
show HEAD:../../etc/passwd
show :{read}
show :(top)..
show :/secret
log --stdin
log -L1,2:README.md
log -L:x:README.md
log --no-walk --stdin
log --mailmap={read}
log --ignore-revs-file={read}
log :(exclude)..
diff :(top)..
diff :(glob)/**
grep TODO -- {read}
ls-tree HEAD {read}
shortlog --output={out}
shortlog --group=format:x HEAD
describe --dirty=x --broken
rev-list --stdin
rev-list --use-bitmap-index --objects --stdin
grep --untracked --no-exclude-standard TODO
`)
