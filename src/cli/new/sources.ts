/** The sources that all new projects have, and the controller and service of one that answers with JSON. */

export const MAIN = `/** Starts the application. */
import { createApp } from './app.js';

const app = await createApp();
const server = await app.listen({ port: Number(process.env['PORT'] ?? 8080) });
console.log(\`Listening on \${server.url}\\n\\n\${app.routes}\`);
`;

export const APP = `/** What the application is made of. */
import { bootstrap } from 'obol';
import { HomeController } from './home-controller.js';

export function createApp() {
  return bootstrap({ controllers: [HomeController] });
}
`;

export const SERVICE = `/** What is said to a person. */
export class Greetings {
  greet(name: string): string {
    return \`Hello, \${name}!\`;
  }
}
`;

export const CONTROLLER = `/** What is answered at \`/\` and below. */
import { Controller, Get, type Request } from 'obol';
import { Greetings } from './greetings.js';

@Controller('/', Greetings)
export class HomeController {
  constructor(private readonly greetings: Greetings) {}

  @Get('/')
  home() {
    return { message: this.greetings.greet('world'), next: '/hello/anna' };
  }

  @Get('/hello/<name:word>')
  hello(_req: Request, name: string) {
    return { message: this.greetings.greet(name) };
  }
}
`;
