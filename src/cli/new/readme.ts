/** The README of a new project. */
import type { Choices } from './choices.js';

export function readme(name: string, { pages }: Choices): string {
  return `# ${name}

| command         | what it does                                                     |
| --------------- | ---------------------------------------------------------------- |
| \`npm run dev\`   | starts it on <http://127.0.0.1:8080>, and anew after each change |
| \`npm test\`      | runs the tests                                                   |
| \`npm run lint\`  | finds mistakes                                                   |
| \`npm run build\` | checks types and compiles to \`dist\`                              |
| \`npm start\`     | starts what was built                                            |

\`PORT\` in the environment is another port.

- \`src/main.ts\` starts the application, \`src/app.ts\` says what it is made of.
- \`src/home-controller.ts\` is what answers at \`/\`; it gets ${pages ? '`src/guests.ts`' : '`src/greetings.ts`'}, a plain class, in its constructor.
- \`src/home-controller.test.ts\` tests both, without a socket.
${pages ? '- `src/page.ts` is the HTML around each page. Text from elsewhere goes through `escapeHtml`; `public/` has the style sheet.\n' : ''}
A further controller goes into \`controllers\` of \`src/app.ts\`. What Obol has: its README in \`node_modules/obol\`.
`;
}
