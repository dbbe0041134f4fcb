/** Loaded before every test file: what an application's main.ts loads first. */
import 'reflect-metadata';
