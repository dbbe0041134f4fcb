/** For runners that bring a global `test`. */
import { cases } from './cases.ts';

declare const test: (name: string, run: () => Promise<void>) => void;

for (const [name, run] of cases) test(name, run);
