#!/usr/bin/env node
/** The program `obol`. */
import { runObol } from './run.js';
import { processTerminal } from './terminal.js';

process.exitCode = await runObol(process.argv.slice(2), processTerminal());
