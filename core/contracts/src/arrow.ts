export * from './arrow-schema.ts';
export { batchOf } from './batch-of.ts';
