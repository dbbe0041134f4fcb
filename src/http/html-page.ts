/** `obol/page`: a whole HTML page in the look that all pages of Obol share: light and dark, without scripts or anything from elsewhere. */
import { escapeHtml } from './html.js';

/** What a page consists of. */
export interface HtmlPage {
  /** Text, not HTML: it is escaped here. */
  readonly title: string;
  /** HTML of the content below the heading. */
  readonly main: string;
  /** HTML of the heading. Default the title. */
  readonly heading?: string;
  /** HTML above the heading: links to other pages. Default none. */
  readonly nav?: string;
  /** CSS besides the shared one. Default none. */
  readonly style?: string;
  /** HTML in the head. Default an empty icon, so that browsers do not ask for `/favicon.ico`. */
  readonly head?: string;
  /** The language of the page (BCP 47). Default `en`. */
  readonly lang?: string;
}

/** The look of all pages; what a page has to add is its own. Colours have a contrast of at least 4.5 on both grounds. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ink:light-dark(#1b2330,#e8ecf3);--quiet:light-dark(#5a6575,#98a3b5);--paper:light-dark(#f5f6f8,#12161d);
--card:light-dark(#fff,#1b212b);--edge:light-dark(#d5dae2,#333c4a);--accent:light-dark(#2459d6,#7aa2ff);--bad:light-dark(#b3261e,#ff9d94)}
body{max-width:42rem;margin:auto;padding:10vh 1.25rem 3rem;background:var(--paper);color:var(--ink);font:1rem/1.6 system-ui,sans-serif;overflow-wrap:anywhere}
h1{margin:0 0 .75rem;font-size:1.6rem;line-height:1.25}
h2{margin:2rem 0 .5rem;font-size:1.1rem}
nav{margin-bottom:1.5rem}
nav a{margin-right:1rem}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
small,th,dt{color:var(--quiet);font-weight:400;overflow-wrap:normal}
code,pre{font:.9em/1.5 ui-monospace,monospace}
pre,form{padding:1rem 1.25rem;background:var(--card);border:1px solid var(--edge);border-radius:.75rem}
pre{overflow:auto}
table{width:100%;border-collapse:collapse}
th,td{padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--edge);text-align:left;vertical-align:top}
dd{margin:0 0 .5rem}
form,label{display:grid;grid-template-columns:minmax(0,1fr);gap:.25rem}
form{gap:1rem}
input,button{box-sizing:border-box;max-width:100%;padding:.5rem .75rem;font:inherit;color:inherit;background:var(--paper);border:1px solid var(--quiet);border-radius:.5rem}
button{justify-self:start;color:light-dark(#fff,#10182b);background:var(--accent);border:0;font-weight:600;cursor:pointer}
[role=alert]{color:var(--bad)}
`;

/** The page as a document. */
export function htmlPage(page: HtmlPage): string {
  const { title, main, nav, style = '', head = '<link rel="icon" href="data:,">', lang = 'en' } = page;
  const text = escapeHtml(title);
  return `<!DOCTYPE html>
<html lang="${escapeHtml(lang)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${text}</title>
${head === '' ? '' : `${head}\n`}<style>${PAGE_STYLE}${style}</style>
</head>
<body>
${nav === undefined ? '' : `<nav>${nav}</nav>\n`}<main>
<h1>${page.heading ?? text}</h1>
${main}
</main>
</body>
</html>
`;
}
