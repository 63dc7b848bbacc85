import { families } from './escape.ts'

/** What the tools of a Unix system can be told to run, write or read elsewhere. */
export const systemEscapes = families(`
tar: runs a program
= @ -cf {out} README.md
= -cf {out} @ README.md
= -cf {out} README.md @
= @ -xf {read}
= -xf {read} @
-I {run}
-I{run}
--use-compress-program={run}
--use-compress-program {run}
--use-compress-pr={run}
--use-compress={run}
--to-command={run}
--to-command {run}
--to-com={run}
--checkpoint=1 --checkpoint-action=exec={run}
--checkpoint=1 --checkpoint-action exec={run}
--checkpoint=1 --checkpoint-act=exec={run}
--rsh-command={run}
--rsh-com={run}
--rmt-command={run}
--info-script={run}
--info-scr={run}
--new-volume-script={run}
-F {run}
-M -F {run}

tar: reaches outside of the checkout
= -xf x.tar @
= @ -cf x.tar
= -cf x.tar @
-P
--absolute-names
--absolute
-C {dir}
-C{dir}
--directory={dir}
--directory {dir}
--direct={dir}
--xform=s,^,{dir}/,
--transform=s,^,{dir}/,
--transf=s,^,{dir}/,
-T {read}
--files-from={read}
--files-from {read}
-X {read}
--exclude-from={read}
-g {out}
--listed-incremental={out}
--volno-file={out}
--index-file={out}
-f {out}
--file={out}
--one-top-level={dir}
-h
--dereference
--keep-directory-symlink
--unlink-first
--recursive-unlink
--overwrite
--remove-files
--same-owner
--add-file={read}
{read}
{dir}
-o{dir}
--checkpoint-action=dot
--owner-map={read}

find: runs a program or writes
= . @
= src @
= . -name x @
= . -maxdepth 0 @
-exec {run} ;
-exec {run} {} +
-exec {run} {} ;
-exec sh -c {code} ;
-execdir {run} ;
-execdir {run} {} +
-ok {run} ;
-okdir {run} ;
-delete
-fprint {out}
-fprint0 {out}
-fprintf {out} x
-fls {out}
-newer {read}
-anewer {read}
-cnewer {read}
-samefile {read}
-newermt now -exec {run} ;
-files0-from {read}
-not -exec {run} ;
-false -o -exec {run} ;
! -exec {run} ;
( -exec {run} ; )
-follow
-D exec

find: looks outside of the checkout
{dir}
{dir} -name x
{read}
..
../..
-L src
-H link
-P {dir}
-O3 {dir}
-D tree {dir}
-files0-from {read}
-- {dir}
. {dir}
src ../..

make: runs text, or another makefile
= @ test
= test @
= @
= -s @
--eval={code}
--eval {code}
--ev={code}
-E{code}
-f {run}
-f{run}
--file={run}
--file {run}
--makefile={run}
--makef={run}
-C {dir}
-C{dir}
-C ..
--directory={dir}
--direct={dir}
-I {dir}
-I{dir}
--include-dir={dir}
SHELL={run}
.SHELLFLAGS=-c{_}{code}
MAKEFLAGS=--eval={code}
MAKEFILES={run}
CC={run}
SHELL:={run}
SHELL::={run}
SHELL!={run}
CC?={run}
.RECIPEPREFIX=x
-e
--environment-overrides
--environment
-o {read}
-W {read}
--what-if={read}
--old-file={read}
-O{out}
-p
--print-data-base
-t
--touch
-k{out}
-d
--debug=v
-n
-l{out}
-w
{run}
{out}
../x
-- SHELL={run}
-- {run}
--jobserver-auth={out}
--jobserver-style=fifo

gmake: runs text, or another makefile
--eval={code}
-f {run}
SHELL={run} test
-C {dir} test

just: another file, another shell
--shell {run} test
--shell={run} test
--shell-arg -c test
-f {run} test
--justfile {run} test
--justfile={run} test
-d {dir} test
--working-directory {dir} -f {run} test
--command {run}
-c {run}
--chooser {run} --choose
--choose --chooser={run}
--edit
-e
--set x {run} test
x={run} test
--dotenv-path {read} test
--dotenv-filename=x test
-E {read} test
--init
--fmt
--dump
--evaluate
--tempdir {dir} test
--global-justfile test
-g test
missing
{dir}/test

sed: runs, writes or reads
= @ README.md
= -n @ README.md
= -e p @ README.md
= -E @ README.md
e
1e
1e{run}
e{_}{run}
1e{_}{run}
$e{_}{run}
s/.*/{code}/e
s,.*,{run},e
s,.*,{run},ge
s,.*,{run},pe
s|a|b|w{_}{out}
s,x,y,w{out}
w{out}
w{_}{out}
1w{_}{out}
W{_}{out}
$W{out}
r{_}{read}
r{read}
1r{_}{read}
R{_}{read}
R{read}
/x/r{_}{read}
/./e{_}{run}
{e{_}{run}}
-i s,x,y,
-i.bak s,x,y,
--in-place s,x,y,
--in-place=.bak s,x,y,
--in-pl s,x,y,
-f {run}
-f{run}
--file={run}
--fil={run}
-s p
-e e{_}{run}
-e 1e{_}{run}
--expression=1e{_}{run}
--expr=1e{_}{run}
--expression 1e{_}{run}
-ne 1e{_}{run}
-nf {run}
--line-length=1 -e e
--follow-symlinks -i s,x,y,
--debug 1e{_}{run}
p {read}
1p;e{_}{run}
1,2p;w{_}{out}
1{e{_}{run}
}
0~3e
y/a/b/;e{_}{run}

awk: is a language
BEGIN{system("{run}")}
BEGIN{_}{system("{run}")}
BEGIN{print{_}|"{run}"}
BEGIN{print{_}"x">"{out}"}
BEGIN{print{_}"x">>"{out}"}
BEGIN{"{run}"|getline}
BEGIN{while((getline{_}l<"{read}")>0)print{_}l}
-f {run}
--file={run}
-v x=y BEGIN{system("{run}")}
-l evil
-i evil
--load=evil
--include=evil
-o{out} x
--dump-variables={out} x
--profile={out} x
-E {run}
--exec={run}
-e BEGIN{system("{run}")}
--source=BEGIN{system("{run}")}
1 {read}
{print} {read}
-D {run}
--debug={run}

gawk: is a language
BEGIN{system("{run}")}
-f {run}
-l evil
-i inplace x
-e BEGIN{system("{run}")}
BEGIN{print{_}"x">"{out}"}

mawk: is a language
BEGIN{system("{run}")}
-f {run}
BEGIN{print{_}"x">"{out}"}
-W exec={run}

sort: runs a program, writes, reads elsewhere
= @ README.md
= README.md @
= -u @ README.md
--compress-program={run} -S 1K
--compress-program {run} -S 1K
--compress-prog={run} -S 1K
--compress={run} -S 1K
-o {out}
-o{out}
--output={out}
--output {out}
--outp={out}
-uo{out}
-uo {out}
-T {dir}
-T{dir}
--temporary-directory={dir}
--temp={dir}
--files0-from={read}
--files0={read}
--random-source={read}
--random-s={read}
--batch-size=2 -T {dir}
{read}
-m {read}
--merge {read}
-c {read}
--debug {read}
--parallel=999999
-S 99%

uniq: writes its second operand
README.md {out}
{read}
README.md x
-c README.md {out}
--skip-fields=1 README.md {out}

grep: reads elsewhere
-f {read} README.md
-f{read} README.md
--file={read} README.md
--file {read} README.md
--fil={read} README.md
-rf {read} .
-nf{read} README.md
--exclude-from={read} -r x .
--exclude-fr={read} -r x .
-R x .
--dereference-recursive x .
-e root {read}
-eroot {read}
--regexp=root {read}
-D read x {dir}
--devices=read x {read}
-d recurse x {dir}
--directories=recurse x {dir}
--label=x x -
root {read}
-r x {dir}
-r x ..
-- root {read}
x -- {read}
-z x {read}
--binary-files=text x {read}
-a x {read}
-U x {read}
--line-buffered x {read}

rg: runs a program, reads elsewhere
--pre {run} x
--pre={run} x
--pre-glob * --pre {run} x
--hostname-bin={run} x
--hostname-bin {run} x
-f {read}
--file={read}
--ignore-file={read} x
--search-zip x
-z x
-L x
--follow x
x {dir}
x ..
--type-add x:{read} x
--debug x {dir}
--files {dir}

fd: runs a program
-x {run}
--exec {run}
--exec={run}
-X {run}
--exec-batch {run}
x {dir}
--base-directory {dir} x
--search-path {dir} x
--ignore-file {read} x
-L x
--list-details
-l x

cat: reads elsewhere
{read}
README.md {read}
../../../../../../../{read}
src/../../x
-- {read}
-n {read}
link
link/passwd
src/link
.git/config
.GIT/config
.git./config
.Git/hooks/x
src/.git/config
GIT~1/config
~/.ssh/id_rsa
~root/x
-
/proc/self/environ
/dev/tcp/x
file://{read}
C:/x
\\\\x\\y

head: reads elsewhere
{read}
-c 10 {read}
-n 5 {read}
-n 5 README.md {read}
-n -e README.md
--lin=5 README.md
-- {read}
-z {read}
-1 ../x
README.md -

tail: reads elsewhere, or for ever
{read}
-f README.md
-F README.md
--follow README.md
--follow=name README.md
-n +1 {read}
--pid=1 README.md
--retry README.md
-s 1 README.md
-- {read}
-fn5 README.md

wc: reads elsewhere
{read}
--files0-from={read}
--files0={read}
-l {read}
-- {read}
--total=never {read}

cp: writes elsewhere
{read} x
README.md {out}
-t {dir} README.md
--target-directory={dir} README.md
-r {dir} .
-a . {out}
--backup=t README.md {out}
-S x README.md {out}
--suffix=x README.md {out}
-L link x
-s {read} x
-l {read} x
--parents README.md {dir}
--preserve=all {read} x
-T README.md {out}
--remove-destination README.md {out}
--no-preserve=mode {read} x
--reflink=always {read} x

mv: writes elsewhere
README.md {out}
{read} x
-t {dir} README.md
--target-directory={dir} README.md
-T README.md {out}
--backup README.md {out}
--exchange README.md {out}

ln: points elsewhere
-s {read} x
-s {dir} x
{read} x
-t {dir} README.md
-sf {read} README.md
-sfT {dir} src
-r -s {read} x
--symbolic {read} x

rm: removes elsewhere
-rf {dir}
-rf /
-rf ..
-rf ../x
--no-preserve-root -rf /
-r {out}
{out}
-rf .git
--one-file-system -rf {dir}
-- {out}
-rf ~
-rf *

mkdir: writes elsewhere
{out}
-p {out}
../x
-m 777 {out}
-Z {out}
--parents {out}

touch: writes elsewhere
{out}
-r {read} x
--reference={read} x
../x
-- {out}
-c {out}
-d now {out}

tee: writes elsewhere
{out}
-a {out}
--append {out}
../x
-- {out}
-i {out}
-p {out}

dd: writes and reads elsewhere
if={read}
of={out}
if=README.md of={out}
if={read} of=x
if=/dev/zero of=x
of=../x

chmod: changes elsewhere
777 {out}
-R 777 {dir}
--reference={read} x
+x ../x
u+s README.md
-- 777 {out}

chown: changes elsewhere
x {out}
-R x {dir}
--from=a b {dir}
--reference={read} x

install: writes elsewhere
README.md {out}
-t {dir} README.md
-D README.md {out}
--target-directory={dir} README.md
-d {out}
-s --strip-program={run} README.md x
--strip-program={run} -s README.md x
-m 4755 README.md {out}
--backup README.md {out}
--compare README.md {out}

split: runs a program, writes elsewhere
--filter={run} README.md
--filter {run} README.md
--filter={code} README.md
--filt={run} README.md
README.md {out}
-l 1 README.md {out}
-n 2 {read}
--additional-suffix=/x README.md
-b 1 {read} {out}

csplit: writes elsewhere
-f {out} README.md 1
--prefix={out} README.md 1
{read} 1
-b x%s README.md 1

truncate: writes elsewhere
-s 0 {out}
--size=0 {out}
-r {read} x
--reference={read} {out}

shred: destroys
-u README.md
{out}
--random-source={read} README.md
-n 1 {out}

diff: reads elsewhere, or runs
{read} README.md
README.md {read}
-r {dir} .
--from-file={read} README.md
--to-file={read} README.md
-X {read} README.md README.md
--exclude-from={read} a b
--line-format=%L {read} README.md
--GTYPE-group-format=x {read} README.md
-l README.md README.md
--paginate README.md README.md
--speed-large-files {read} README.md
-- {read} README.md
README.md -

diff3: runs a program
--diff-program={run} README.md README.md README.md
--diff-program {run} README.md README.md README.md
--diff={run} README.md README.md README.md
README.md README.md {read}

sdiff: writes, runs
-o {out} README.md README.md
--output={out} README.md README.md
--diff-program={run} README.md README.md
--diff={run} README.md README.md

patch: writes elsewhere
-i {read}
--input={read}
-d {dir}
--directory={dir}
-o {out} README.md x
--output={out}
-r {out}
--reject-file={out}
-B {dir}
--prefix={dir}
README.md {read}
-p0 {out}
--get=1
--merge -o {out}
-b -z {out}
--dry-run -d {dir}
-e

cmp: reads elsewhere
{read} README.md
README.md {read}
-- {read} README.md
README.md -

comm: reads elsewhere
{read} README.md
README.md {read}
--output-delimiter=x {read} README.md

join: reads elsewhere
{read} README.md
README.md {read}

paste: reads elsewhere
{read}
README.md {read}
-s {read}

cut: reads elsewhere
-d : -f 1 {read}
-c1- {read}
-b 1 {read}
--complement -c1 {read}
--output-delimiter=x -f1 {read}
-c 1 -

tr: reads what it is given
a b {read}

nl: reads elsewhere
{read}
-ba {read}

od: reads elsewhere
{read}
-c {read}
-A x {read}
--traditional {read}

xxd: reads and writes elsewhere
{read}
README.md {out}
-r x {out}
-r {read} x
-p {read}

hexdump: reads elsewhere
{read}
-C {read}
-f {read} README.md
-e x {read}

strings: reads elsewhere
{read}
-a {read}
@{read}
--target=x {read}

base64: reads elsewhere
{read}
-d {read}
-w0 {read}
--decode {read}

basenc: reads elsewhere
--base64 {read}
--hex {read}

sha256sum: reads elsewhere
{read}
-c {read}
--check {read}
--chec {read}
-b {read}
-c README.md
--ignore-missing -c {read}

md5sum: reads elsewhere
{read}
-c {read}
--check {read}

stat: reads elsewhere
{read}
{dir}
-L link
--dereference link
-f {dir}
--file-system {dir}
--cached=always {read}
-t {read}
-c %n {read}
--printf=%n {read}

du: reads elsewhere
{dir}
--files0-from={read}
--files0={read}
-X {read}
--exclude-from={read}
-L .
-D link
-a {dir}
-sh {dir}
..

ls: looks elsewhere
/
{dir}
..
../..
-la {dir}
-L link
-H link
--dereference link
-R {dir}
--hyperlink=always {dir}
-- {dir}
~
src/../..
link/
.git
src\\..\\..

tree: writes, reads elsewhere
-o {out}
-o{out}
--fromfile {read}
--fromtabfile {read}
--infofile {read}
--gitfile={read}
{dir}
-H x -o {out}
-l
-R -L 1 -H x
--info
-la {dir}

file: reads elsewhere
{read}
-f {read}
-f{read}
--files-from {read}
--files-from={read}
-m {read} README.md
-m{read} README.md
--magic-file={read} README.md
--magic-fi={read} README.md
-C -m {read}
--compile -m {read}
-L link
--dereference link
-z {read}
-Z {read}
--uncompress {read}
-s /dev/x
-S README.md
--no-sandbox README.md
-P x=1 {read}

column: reads elsewhere
{read}
-t {read}

fold: reads elsewhere
{read}
-w1 {read}

tac: reads elsewhere
{read}
-r {read}

rev: reads elsewhere
{read}

readlink: looks elsewhere
-f {dir}
{dir}

realpath: looks elsewhere
{dir}
--relative-to={dir} x
-e ../..

date: reads elsewhere, sets the clock
-f {read}
--file={read}
-s 0
--set=0
-r {read}
--reference={read}

zip: runs a program
= x.zip README.md @
= @ x.zip README.md
-T -TT {run}
-T -TT {run}{_}#
-TT {run} -T
-TT{run} -T
-T --unzip-command={run}
-T --unzip-command {run}
--unzip-command {run} -T
-b {dir}
--temp-path {dir}
-O {out}
--output-file={out}
--out {out}
-m
--move
-y {read}
-i@{read}
-x@{read}
-@
-lf {out}
--logfile-path={out}
-D -r {dir}
-r {dir}
{read}

unzip: writes elsewhere
x.zip -d {dir}
-d {dir} x.zip
-d{dir} x.zip
-: x.zip
-o x.zip -d ..
{read}
-p {read}
-x {read}
-q {read} -d .

gzip: reads and writes elsewhere
{read}
-c {read}
-dc {read}
-r {dir}
-k {out}
-S x {read}
--stdout {read}
--suffix=/x README.md

bzip2: reads elsewhere
{read}
-c {read}
-dc {read}

xz: reads elsewhere
{read}
-c {read}
--files={read}
--files0={read}
--suffix=x {read}

zstd: writes elsewhere
-o {out} README.md
{read}
--output-dir-flat {dir} README.md
--output-dir-mirror {dir} README.md
--filelist {read}
-D {read} README.md
--patch-from={read} README.md
--trace {out} README.md
-r {dir}

7z: writes elsewhere
x {read}
x x.7z -o{dir}
a {out} README.md
a x.7z {read}
a x.7z @{read}
e x.7z -o{dir}
b -mmt

ar: writes elsewhere
r {out} README.md
x {read}
p {read}
r --plugin {run} x.a x.o
--plugin={run} t x.a
@{read}

cpio: writes elsewhere
-i -F {read}
-o -F {out}
-p {dir}
-F {read} -t
--rsh-command={run} -i -F h:x
--to-stdout -i -F {read}
-E {read} -i
--absolute-filenames -i
-i -D {dir}

rsync: runs a program
-e {run} README.md h:x
-e{run} README.md h:x
-e sh{_}-c{_}{code} README.md h:x
--rsh={run} README.md h:x
--rsh {run} README.md h:x
--rs={run} README.md h:x
-ae {run} README.md h:x
--rsync-path={run} README.md h:x
README.md {out}
{read} .
-a . {dir}
--files-from={read} . x
--exclude-from={read} . x
--include-from={read} . x
--password-file={read} . h::x
--log-file={out} . x
--write-batch={out} . x
--read-batch={read} x
--temp-dir={dir} . x
--backup-dir={dir} -b . x
--partial-dir={dir} . x
--link-dest={dir} . x
--copy-dest={dir} . x
--daemon --config={read}
--out-format=x --log-file={out} . x
--delete -a {dir}/ .
-M--log-file={out} . h:x
--remote-option=--x . h:x
README.md rsync://127.0.0.1:9/x
-L link x
--copy-unsafe-links . x
--early-input={read} . h::x
--filter=merge{_}{read} . x

ssh: runs anything
-o ProxyCommand={run} h
-oProxyCommand={run} h
-o LocalCommand={run} -o PermitLocalCommand=yes h
-o KnownHostsCommand={run} h
-F {read} h
-F{read} h
-S {out} h
-i {read} h
-E {out} h
-L 1:a:2 h
-R 1:a:2 h
-D 1 h
-w any h
-J {run} h
-I {run} h
-Q x
h {run}
h
-oPKCS11Provider={run} h

scp: runs anything
-S {run} README.md h:x
-S{run} README.md h:x
-o ProxyCommand={run} README.md h:x
-oProxyCommand={run} README.md h:x
-F {read} README.md h:x
-D {run} README.md h:x
{read} h:x
README.md {out}
h:x {out}
-J {run} README.md h:x
-i {read} README.md h:x

sftp: runs anything
-b {read} h
-S {run} h
-D {run} h
-oProxyCommand={run} h
-F {read} h
-s {run} h

ssh-keygen: loads a library
-D {run}
-f {out} -N x
-w {run} -t ed25519-sk
-s {read} x
-y -f {read}
-lf {read}

curl: reads, writes and sends anything
-o {out} x
-o{out} x
-O x
--output {out} x
--output={out} x
--outp {out} x
--output-dir {dir} -O x
-K {read}
-K{read}
--config {read}
-T {read} x
-T{read} x
--upload-file {read} x
-F a=@{read} x
--form a=@{read} x
-d @{read} x
-d@{read} x
--data @{read} x
--data-binary @{read} x
--data-urlencode a@{read} x
--json @{read} x
-b {read} x
-c {out} x
--cookie-jar {out} x
-D {out} x
--dump-header {out} x
--trace {out} x
--trace-ascii {out} x
--stderr {out} x
-E {read} x
--cert {read} x
--key {read} x
--engine {run} x
--cacert {read} x
-x 127.0.0.1:9 x
--proxy 127.0.0.1:9 x
--unix-socket {dir} x
--netrc-file {read} x
-n x
--libcurl {out}
--hsts {out} x
--alt-svc {out} x
--etag-save {out} x
--etag-compare {read} x
-w @{read} x
--write-out @{read} x
-H @{read} x
-q -K {read}
file://{read}
FILE://{read}
scp://h/x
gopher://127.0.0.1:9/x
dict://127.0.0.1:9/x
telnet://127.0.0.1:9
ftp://127.0.0.1:9 -Q x
http://127.0.0.1:9/x
-k https://127.0.0.1:9
--resolve a:1:127.0.0.1 a
--doh-url x x
-Z x
--next file://{read}
-: file://{read}
--url file://{read}
--url @{read}
--ipfs-gateway x ipfs://x
--socks5 x x
--preproxy x x
--krb x x
--random-file {read} x
--egd-file {read} x
--dns-interface x x
--ssl-sessions {out} x
--variable x@{read} x
--expand-url x

wget: reads, writes and sends anything
-O {out} x
-O{out} x
--output-document={out} x
--output-d={out} x
-o {out} x
-a {out} x
--append-output={out} x
-P {dir} x
--directory-prefix={dir} x
-i {read}
--input-file={read}
--base=x -i {read}
--use-askpass={run} x
--use-askp={run} x
--post-file={read} x
--body-file={read} --method=POST x
--config={read} x
-e use_askpass={run} x
--execute=use_askpass={run} x
--load-cookies={read} x
--save-cookies={out} x
--ca-certificate={read} x
--certificate={read} x
--private-key={read} x
--hsts-file={out} x
--rejected-log={out} x
--warc-file={out} x
--warc-cdx={out} x
--warc-tempdir={dir} x
-r x
-m x
-b x
--unlink x
--referer=x x
http://127.0.0.1:9/x
--secure-protocol=x x
--pinnedpubkey={read} x
--crl-file={read} x
--start-pos=0 -O {out} x

nc: talks to anybody
-e {run} 127.0.0.1 9
-c {run} 127.0.0.1 9
-l -p 9 -e {run}
127.0.0.1 9
-lvp 9
-U {dir}
-x 127.0.0.1:9 x 1

socat: talks to anybody
- EXEC:{run}
TCP:127.0.0.1:9 EXEC:{run}
FILE:{read} -
OPEN:{out},creat -
SYSTEM:{code} -

openssl: loads code, reads and writes anywhere
req -engine {run}
req -engine={run}
engine {run}
enc -in {read}
enc -in {read} -out {out}
base64 -in {read}
rand -out {out} 1
rand -writerand {out} 1
s_client -connect 127.0.0.1:9
s_server -accept 9
x509 -in {read}
req -config {read}
req -new -keyout {out}
dgst -sha256 {read}
list -provider-path {dir} -provider x
version -provider-path {dir}
asn1parse -in {read} -out {out}
cms -in {read}
pkcs12 -in {read}
passwd -in {read}

jq: reads elsewhere
-f {read}
-f {read} README.md
--from-file {read}
--from-file={read}
-L {dir} .
-L{dir} .
--library-path {dir} .
--slurpfile a {read} .
--rawfile a {read} .
--argfile a {read} .
-n env
-n $ENV
-n $ENV.PATH
env
-n input_filename {read}
. {read}
--seq . {read}
-n inputs {read}
-n $__prog_args
-n include{_}"x";x
-n import{_}"x"{_}as{_}x;x
-n {code} --args {read}
--stream . {read}
-nf {read}
-rf {read}
-e . {read}
--tab . {read}
-n get_search_list
-n debug
-n halt_error
-n input_line_number

yq: reads, writes, runs
-i .a=1 x.yml
--inplace .a=1 x.yml
. {read}
load("{read}") x
-n load_str("{read}")
-n env(PATH)
--from-file {read}
-s .a x.yml
--split-exp .a x.yml
-n system("{run}")
-f process {read}

xmllint: reads elsewhere
--noent {read}
--output {out} x.xml
--schema {read} x.xml
--xinclude {read}
--shell x.xml
--path {dir} x.xml
--load-trace x.xml
--dtdvalid {read} x.xml
--catalogs x.xml

less: starts programs
README.md
+!{run} README.md
-k {read} README.md
--lesskey-src={read} README.md
-o {out} README.md
-O{out} README.md
--log-file={out} README.md
-T {read} README.md
{read}

more: starts programs
README.md
{read}
+!{run} README.md

man: starts programs
ls
-P {run} ls
--pager={run} ls
-P{run} ls
-H{run} ls
--html={run} ls
-C {read} ls
--config-file={read} ls
-M {dir} ls
-l {read}
--preprocessor={run} ls

vi: starts programs
-c !{run}
-c :!{run}
+!{run}
-s {read}
{read}
-w {out}
-S {run}
-u {run}

vim: starts programs
-c !{run} -c q
-es -c !{run} -c q
--cmd !{run}
+!{run}
-u {run}
-S {run}
-s {read}
-w {out}
{read}

nvim: starts programs
-c !{run}
-l {run}
--cmd !{run}
-u {run}

ed: starts programs
README.md
-p x {read}
!{run}

emacs: starts programs
--batch --eval {code}
-l {run}
--load {run}
-Q --batch -f x
--script {run}

nano: starts programs
-s {run} README.md
--speller={run} README.md
{read}

psql: starts programs
-c \\!{_}{run}
-f {read}
-o {out} -c x
-L {out} -c x
-v x=y -f {run}
h -c x

sqlite3: starts programs
x .shell{_}{run}
x .system{_}{run}
x .read{_}{run}
x .load{_}{run}
x .output{_}{out}
x .import{_}{read}{_}x
-cmd .shell{_}{run} x
-init {run} x
x ATTACH{_}"{out}"{_}AS{_}y
x .once{_}{out}
{out} CREATE{_}TABLE{_}x(y)
-A xf x
x select{_}readfile("{read}")
x select{_}writefile("{out}",1)
x .open{_}{out}
x .log{_}{out}
x .excel
x .edit

mysql: starts programs
-e \\!{_}{run}
--pager={run} -e x
--init-command=x -e y
-e source{_}{run}
--tee={out} -e x
--plugin-dir={dir} -e x
--defaults-file={read} -e x

gdb: starts programs
-ex !{run}
-ex shell{_}{run}
-batch -ex !{run}
-x {run}
--eval-command=!{run}
-p 1
--args {run}
-iex !{run}
--command={run}
-ex source{_}{run}
-ex python{_}x

lldb: starts programs
-o shell{_}{run}
-s {run}
-p 1
--batch -o shell{_}{run}

strace: starts programs
{run}
-o {out} ls
-o !{run} ls
-p 1
-f {run}
-E A=b {run}
-c {run}

ltrace: starts programs
{run}
-o {out} ls
-b -L {run}
-F {read} ls

perf: starts programs
record {run}
stat {run}
record -o {out} ls
trace {run}
script {run}
report --pager={run}

valgrind: starts programs
{run}
--log-file={out} ls
--trace-children=yes {run}
--db-command={run} --db-attach=yes ls

docker: is root on the machine
run x
run -v /:/x y
exec x {run}
build .
build -f {read} .
compose up
cp {read} x:y
load -i {read}
save -o {out} x
login
push x
pull x
-H tcp://127.0.0.1:9 ps
--context x ps
--config {dir} ps
plugin install x
system prune
buildx bake

podman: starts programs
run x
build .
exec x {run}
unshare {run}
push x

kubectl: reaches a cluster
apply -f {read}
exec x -- {run}
get pods
--kubeconfig={read} get x
delete x
cp {read} x:y
config view
edit x
proxy

helm: reaches a cluster
install x y
upgrade x y
template . --post-renderer {run}
plugin install x
pull x
lint --values {read}

terraform: reaches a cloud
apply
destroy
init
plan -out={out}
-chdir={dir} plan
console
import x y
state push {read}
plan -var-file={read}

aws: reaches a cloud
s3 cp {read} s3://x
s3 sync . s3://x
sts get-caller-identity
configure
--endpoint-url http://127.0.0.1:9 s3 ls

gcloud: reaches a cloud
auth login
deploy
compute ssh x

gh: reaches GitHub with somebody's token
pr merge
pr create
api x
api -X POST x
api --input {read} x
release create x
release upload x {read}
repo clone x {out}
repo delete x
auth token
auth login
secret set x
workflow run x
extension install x
alias set x !{run}
gist create {read}
ssh-key add {read}
run rerun 1
codespace ssh
config set editor {run}

crontab: runs later
-e
{read}
-r
-l

at: runs later
now
-f {run} now

systemctl: changes the machine
start x
link {read}
edit x
--user start x

systemd-run: starts programs
{run}
--user {run}

journalctl: reads elsewhere
-f
--file={read}
-D {dir}

mount: changes the machine
{dir} {dir}
--bind / {dir}
-o loop {read} {dir}
-t x y z

chroot: starts programs
{dir} {run}
--userspec=0 / {run}

apt: changes the machine
install x
-o APT::Update::Pre-Invoke::={run} update
changelog x

apt-get: changes the machine
install x
update
-o APT::Update::Pre-Invoke::={run} update
-o Dpkg::Pre-Invoke::={run} install x
-c {read} update
changelog x

dpkg: changes the machine
-i {read}
--unpack {read}
--root={dir} -i x
--configure -a
--pre-invoke={run} -i x

pkg-config: writes elsewhere
--define-variable=prefix={dir} x
--log={out} x
--print-errors --with-path={dir} x

autoconf: runs anything
-o {out} x
--prepend-include={dir}
{read}
-I {dir}

m4: runs anything
-DX=esyscmd({run}) x
{read}
-I {dir} x
-o {out} x
--debugfile={out} x
-F {out} x

bison: writes elsewhere
-o {out} x.y
--output={out} x.y
-S {read} x.y
--defines={out} x.y
-g{out} x.y

flex: writes elsewhere
-o{out} x.l
-o {out} x.l
--header-file={out} x.l
-S{read} x.l

dot: writes elsewhere
-o {out} x.dot
-o{out} x.dot
-Tpng -O {read}
-l {read} x.dot

pandoc: runs anything
-F {run} x.md
--filter {run} x.md
--filter={run} x.md
-L {run} x.md
--lua-filter={run} x.md
-o {out} x.md
--output={out} x.md
--pdf-engine={run} x.md
--template={read} x.md
-d {read} x.md
--defaults={read} x.md
--extract-media={dir} x.md
--data-dir={dir} x.md
{read}
-t {run} x.md
--metadata-file={read} x.md
--csl={read} x.md
--syntax-definition={read} x.md
--self-contained x.md
--log={out} x.md

pdflatex: runs anything
-shell-escape x.tex
--shell-escape x.tex
-enable-write18 x.tex
-output-directory={dir} x.tex
-jobname={out} x.tex
\\write18{{run}}
{read}

convert: runs anything
{read} x.png
x.png {out}
msl:{read} x.png
ephemeral:{out} x.png
text:{read} x.png

ffmpeg: reads and writes anywhere
-i {read} x
-i x.mp4 {out}
-f concat -i {read} x
-filter_script {read} x
-report x

exiftool: runs anything
-config {run} x
-if {code} x
-o {out} x
-@ {read}
-filename={out} x

pre-commit: runs anything
run
install
run -c {read}
try-repo {dir}
autoupdate
run --hook-stage x --files {read}
init-templatedir {dir}

crystal: runs anything
eval {code}
run {run}
spec {run}
build -o {out} x.cr

zig: runs anything
run {run}
build
cc -o {out} x.c
build-exe x.zig -femit-bin={out}
test {run}
build --build-file {run}
build -p {dir}
init
fetch x

nim: runs anything
r {run}
e {run}
c -r {run}
c -o:{out} x.nim
c --nimcache:{dir} x.nim

sbt: runs anything
eval{_}x
-Dsbt.global.base={dir} test
run
publish
console
!

lein: runs anything
run
run -m x
eval {code}
trampoline run
deploy
with-profile x run

R: runs code
-e {code}
-f {run}
--file={run}
CMD BATCH {run}
CMD INSTALL .

Rscript: runs code
-e {code}
{run}
--verbose {run}

julia: runs code
-e {code}
-E {code}
-L {run}
{run}
--project={dir} -e x
-J {read}
`)
