import { createHash } from 'node:crypto'
import { raw } from 'hono/html'

const STYLE = `
:root{color-scheme:light dark;--page:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--panel:#f6f8fa;--link:#0a58b8;
--good:#116329;--good-back:#dafbe1;--bad:#a40e26;--bad-back:#ffebe9;--wait:#7a4a00;--wait-back:#fff4d6;--run:#0a4a9e;--run-back:#ddf0ff}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--ink:#e6edf3;--soft:#9aa5b1;--line:#30363d;--panel:#161b22;--link:#79b8ff;
--good:#7ee787;--good-back:#12341d;--bad:#ffa198;--bad-back:#45161a;--wait:#f2cc60;--wait-back:#3a2c08;--run:#a5d6ff;--run-back:#10305a}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:70rem;margin:0 auto;padding:0 1rem}
header{padding-top:1rem}
footer{padding-top:1rem;padding-bottom:2rem;color:var(--soft);font-size:.875rem}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-999rem}
.skip:focus{left:1rem;top:.5rem;background:var(--page);padding:.5rem;z-index:1}
h1{font-size:1.5rem;line-height:1.25;margin:1rem 0 .5rem}
h2{font-size:1.2rem;margin:2.25rem 0 .5rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:1rem 0 .25rem}
p{margin:.5rem 0}
code,pre,.diff td{font:.875em/1.45 ui-monospace,SFMono-Regular,Consolas,"DejaVu Sans Mono",monospace}
code{background:var(--panel);padding:.1em .3em;border-radius:4px}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.75rem;margin:.5rem 0;white-space:pre-wrap}
.panel{border:1px solid var(--line);border-left:6px solid var(--soft);border-radius:6px;padding:.75rem 1rem;margin:.75rem 0;background:var(--panel)}
.panel p{margin:.25rem 0}
.verdict{font-size:1.15rem}
.good{border-left-color:var(--good)}.bad{border-left-color:var(--bad)}.wait{border-left-color:var(--wait)}.run{border-left-color:var(--run)}
.tag{display:inline-block;padding:.05em .55em;border-radius:1em;font-size:.875rem;font-weight:600;white-space:nowrap;background:var(--panel);border:1px solid var(--line)}
.tag.good{color:var(--good);background:var(--good-back)}.tag.bad{color:var(--bad);background:var(--bad-back)}
.tag.wait{color:var(--wait);background:var(--wait-back)}.tag.run{color:var(--run);background:var(--run-back)}
.soft{color:var(--soft)}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:6px;margin:.5rem 0}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
caption{text-align:left;padding:.5rem .75rem;color:var(--soft);font-size:.875rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .75rem;border-top:1px solid var(--line)}
thead th{color:var(--soft);font-weight:600;white-space:nowrap}
td.keep,th.keep{white-space:nowrap}
.wide{min-width:16rem}
.summary th{width:8rem;font-weight:600;white-space:nowrap}
details{border:1px solid var(--line);border-radius:6px;margin:.5rem 0;background:var(--page)}
summary{cursor:pointer;padding:.5rem .75rem;background:var(--panel);border-radius:6px}
details>:not(summary,.scroll){margin-left:.75rem;margin-right:.75rem}
details>.scroll{margin:0;border-width:1px 0 0;border-radius:0}
ol.line{list-style:none;margin:.5rem 0;padding:0 0 0 1rem;border-left:2px solid var(--line)}
ol.line li{position:relative;margin:0 0 .75rem}
ol.line li::before{content:"";position:absolute;left:-1.4rem;top:.45rem;width:.7rem;height:.7rem;border-radius:50%;background:var(--page);border:2px solid var(--soft)}
ol.line li.input::before{background:var(--link);border-color:var(--link)}
ol.line strong{display:inline-block}ol.line strong::first-letter{text-transform:uppercase}
ol.line .meta{font-size:.875rem;color:var(--soft)}
.diff table{font-size:.875rem}
.diff td{padding:0 .5rem;border:0;white-space:pre;overflow-wrap:normal}
.diff td.n{color:var(--soft);text-align:right;user-select:none;width:1%}
.diff td.s{width:1%;padding:0 .25rem;user-select:none}
.diff tr.add td{background:var(--good-back)}.diff tr.del td{background:var(--bad-back)}
.diff tr.add td.n,.diff tr.del td.n{color:var(--ink)}
.diff tr.at td{background:var(--panel);color:var(--soft)}
.button{display:inline-block;padding:.5rem 1rem;border:1px solid var(--link);border-radius:6px;text-decoration:none;font-weight:600}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (max-width:40rem){h1{font-size:1.25rem}th,td{padding:.35rem .5rem}.summary th{width:6rem}.wide{min-width:9rem}th.keep{white-space:normal;min-width:5.5rem}}
@media print{.skip,.button{display:none}}
`

/** The style sheet of every page, and the CSP source that lets exactly this one apply. */
export const styleSheet = raw(STYLE)
export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`
