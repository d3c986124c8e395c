/** The style of the report's page: light and dark, wide and narrow, and print. */
export const style = `
:root { color-scheme: light dark; --page: #fff; --text: #1b2330; --quiet: #566174; --line: #d3dae5; --box: #f6f8fb;
  --good: #17663a; --bad: #b3261e; --half: #7a5200; --accent: #0b5cad; --on-accent: #fff; --bad-box: #fdecea; --warn-box: #fff6e0; }
@media (prefers-color-scheme: dark) { :root { --page: #12161d; --text: #e8edf4; --quiet: #a3afc0; --line: #343e4d; --box: #191f29;
  --good: #7fd1a0; --bad: #ff8a80; --half: #f0c36d; --accent: #7cc0ff; --on-accent: #0a1420; --bad-box: #33191a; --warn-box: #2e2712; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--page); color: var(--text);
  font: 16px/1.5 Inter, "Segoe UI", "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; } h3 { font-size: 1.05rem; margin: 0 0 .25rem; }
p, ul, ol, dl { margin: .25rem 0 .75rem; } a { color: var(--accent); }
code, .mono { font: .875rem/1.5 ui-monospace, "Cascadia Mono", Consolas, monospace; }
.quiet { color: var(--quiet); } .bad { color: var(--bad); } .good { color: var(--good); } .half { color: var(--half); }
.word { font-weight: 700; letter-spacing: .02em; }
.verdict { border: 2px solid currentColor; border-radius: .75rem; padding: 1rem; }
.warnings { background: var(--warn-box); border-left: .4rem solid var(--half); padding: .75rem 1rem; border-radius: .5rem; margin-top: 1rem; } .warnings h2 { margin-top: 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: .75rem; padding: 0; }
.figures div { background: var(--box); border-radius: .5rem; padding: .5rem .75rem; }
.figures dt { color: var(--quiet); font-size: .85rem; } .figures dd { margin: 0; font-weight: 600; }
article { border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; margin: 0 0 1rem; }
.walk { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; }
@media (min-width: 56rem) { .walk.live { grid-template-columns: minmax(0, 1fr) minmax(0, 24rem); } }
.steps { list-style: none; padding: 0; margin: 0; counter-reset: step; }
.steps > li { border-left: .3rem solid var(--line); padding: .35rem .75rem; margin: 0 0 .35rem; }
.steps > li.broken { border-color: var(--bad); background: var(--bad-box); }
.steps > li[aria-current] { border-color: var(--accent); outline: 2px solid var(--accent); outline-offset: -2px; border-radius: .25rem; }
.stage svg { width: 100%; height: auto; max-height: 70vh; display: block; border-radius: .5rem; }
.dark-only { display: none; }
@media (prefers-color-scheme: dark) { .dark-only { display: block; } .light-only { display: none; } }
.buttons { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: 0 0 .75rem; }
.buttons[hidden] { display: none; }
button, input, select { font: inherit; color: inherit; background: var(--box); border: 1px solid var(--quiet); border-radius: .5rem;
  padding: .4rem .75rem; min-height: 2.5rem; max-width: 100%; }
button:disabled { opacity: .6; } :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { position: sticky; top: 0; background: var(--page); } th[scope="row"] { font-weight: 500; }
.map td { text-align: center; white-space: nowrap; } .map .sign { font-size: 1.05rem; font-weight: 700; }
.map td.wrong { background: var(--bad-box); } .map td.right { background: var(--box); }
tr[hidden] { display: none; } td:first-child { white-space: nowrap; }
@media (max-width: 40rem) { .laws thead { display: none; } .laws tr { display: block; border-bottom: 1px solid var(--line); padding: .4rem 0; }
  .laws td { display: block; border: 0; padding: 0 .25rem; } .laws tr[hidden] { display: none; } }
.away { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
pre { white-space: pre-wrap; margin: .25rem 0; } details > summary { cursor: pointer; color: var(--quiet); }
@media print { .buttons, .filters { display: none; } article { break-inside: avoid; } }
`
