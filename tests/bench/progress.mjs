// One progress line on stderr: rewritten in place on a terminal, a line for each step elsewhere.

const { stderr } = process;

export function progress(text) {
  stderr.write(stderr.isTTY ? `\r\x1b[2K${text}` : `${text}\n`);
}

export function endProgress() {
  if (stderr.isTTY) progress('');
}
