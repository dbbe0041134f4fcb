/** A real browser for tests. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Program } from './program.js';

/** What the tests use of playwright-core, whose own types need those of the DOM, which the project goes without. */
interface Playwright {
  readonly chromium: {
    launch(options: { executablePath: string; args: readonly string[] }): Promise<Browser>;
  };
}

export interface Browser {
  newContext(options?: BrowserOptions): Promise<BrowserContext>;
  close(): Promise<void>;
}

export interface BrowserOptions {
  readonly javaScriptEnabled?: boolean;
  readonly httpCredentials?: { readonly username: string; readonly password: string };
}

interface BrowserContext {
  newPage(): Promise<Page>;
  newCDPSession(page: Page): Promise<{ send(method: string, parameters?: object): Promise<unknown> }>;
  close(): Promise<void>;
}

export interface Page {
  goto(url: string): Promise<PageResponse | null>;
  /** The document as it is now. */
  content(): Promise<string>;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
  emulateMedia(media: { colorScheme: 'light' | 'dark' }): Promise<void>;
  screenshot(options: { path: string; fullPage: boolean }): Promise<unknown>;
  context(): BrowserContext;
  /** Runs an expression in the page and gives its value. */
  evaluate<T>(expression: string): Promise<T>;
  /** Runs an expression in the page and leaves its value there. */
  evaluateHandle<T>(expression: string): Promise<{ jsonValue(): Promise<T> }>;
  locator(selector: string, options?: { hasText?: string }): Locator;
  getByLabel(text: string): Locator;
  getByRole(role: string, options: { name: string }): Locator;
  getByText(text: string | RegExp, options?: { exact: boolean }): Locator;
  waitForResponse(test: (response: PageResponse) => boolean): Promise<PageResponse>;
  on(event: 'console', listener: (message: { type(): string; text(): string }) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  readonly request: { get(url: string): Promise<PageResponse> };
}

interface PageResponse {
  url(): string;
  headers(): Record<string, string>;
  body(): Promise<Buffer>;
  text(): Promise<string>;
  json(): Promise<unknown>;
}

interface Locator {
  first(): Locator;
  last(): Locator;
  nth(index: number): Locator;
  count(): Promise<number>;
  waitFor(): Promise<void>;
  fill(text: string): Promise<void>;
  check(): Promise<void>;
  click(): Promise<void>;
  setInputFiles(files: readonly { name: string; mimeType: string; buffer: Buffer }[]): Promise<void>;
  textContent(): Promise<string | null>;
  allTextContents(): Promise<string[]>;
  getAttribute(name: string): Promise<string | null>;
}

const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts a browser. @param more arguments for it; close it, whatever happened */
export async function launchBrowser(...more: readonly string[]): Promise<Browser> {
  if (!existsSync(EXECUTABLE))
    throw new Error(`There is no Chromium at ${EXECUTABLE}; install it or set CHROMIUM to its path.`);
  const { chromium } = createRequire(import.meta.url)('playwright-core') as Playwright;
  return chromium.launch({ executablePath: EXECUTABLE, args: [...ARGUMENTS, ...more] });
}

/** A sample that runs, and a browser that looks at it. */
export class SampleInBrowser {
  readonly url: string;
  readonly #program: Program;
  readonly #browser: Browser;

  private constructor(url: string, program: Program, browser: Browser) {
    this.url = url;
    this.#program = program;
    this.#browser = browser;
  }

  /** Starts both. */
  static async start(name: string, env: Readonly<Record<string, string>> = {}): Promise<SampleInBrowser> {
    const program = new Program(['samples/run.mjs', name], { PORT: '0', ...env });
    const launching = launchBrowser();
    const [, url = ''] = await program.prints(/Listening on (http:\/\/[\d.:]+)\n/);
    return new SampleInBrowser(url, program, await launching);
  }

  /** A page of its own with empty storage, at a path or a URL of the sample, and everything that it complained of. */
  async open(
    path: string,
    options: BrowserOptions = {},
  ): Promise<{ readonly page: Page; readonly complaints: string[] }> {
    const context = await this.#browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    // Violations of the content security policy, failed loads and calls of console.error are all of this type.
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(new URL(path, this.url).href);
    return { page, complaints };
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    // The runner passes the signal on to the sample; a SIGKILL would leave that one behind.
    this.#program.process.kill('SIGTERM');
    await this.#program.exited;
  }
}
