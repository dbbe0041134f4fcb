/** The two pages: the form, and what came with it. Everything from outside is escaped. */
import { escapeHtml } from 'obol';

/** What a client sent. */
export interface Result {
  readonly fields: readonly (readonly [string, readonly string[]])[];
  readonly files: readonly ResultFile[];
}

export interface ResultFile {
  readonly field: string;
  readonly name: string;
  readonly type: string;
  readonly length: number;
  readonly sha256: string;
  /** Where the picture can be seen, if it is one. */
  readonly picture?: string;
}

const layout = (title: string, main: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
<script src="/upload.js" defer></script>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${main}
</body>
</html>
`;

/** The form. The script follows the upload; without it the browser sends the form as it always did. */
export function formPage(): string {
  return layout(
    'Send pictures',
    `<p>Files of up to 256 MiB each. A bar shows how much of them the server has received.</p>
<form id="form" action="/upload" method="post" enctype="multipart/form-data">
<label>Your name <input name="name" autocomplete="name" required></label>
<label>A few words <textarea name="message" rows="3"></textarea></label>
<fieldset>
<legend>Colours you like</legend>
<label><input type="checkbox" name="colour" value="red"> red</label>
<label><input type="checkbox" name="colour" value="green"> green</label>
<label><input type="checkbox" name="colour" value="blue"> blue</label>
</fieldset>
<label>Files <input type="file" name="files" multiple></label>
<button>Send</button>
</form>
<div id="progress" hidden>
<progress id="bar" max="1" aria-label="Upload"></progress>
<p id="figures" role="status"></p>
</div>
<section id="result" aria-live="polite"></section>`,
  );
}

/** What came, for browsers without scripts. */
export function resultPage({ fields, files }: Result): string {
  const rows = fields.map(
    ([name, values]) =>
      `<div><dt>${escapeHtml(name)}</dt>${values.map((value) => `<dd>${escapeHtml(value)}</dd>`).join('')}</div>`,
  );
  return layout(
    'Thank you',
    `<section id="result">
<dl>${rows.join('\n')}</dl>
<ul class="files">${files.map(fileItem).join('\n')}</ul>
</section>
<p><a href="/">Send more</a></p>`,
  );
}

function fileItem({ field, name, type, length, sha256, picture }: ResultFile): string {
  const image = picture === undefined ? '' : `<img src="${escapeHtml(picture)}" alt="">`;
  return `<li>${image}<div><b>${escapeHtml(name)}</b>
<small>${escapeHtml(field)}, ${escapeHtml(type)}, ${length.toLocaleString('en')} bytes</small>
<code>${sha256}</code></div></li>`;
}
