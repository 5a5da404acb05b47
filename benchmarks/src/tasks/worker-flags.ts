/** What the worker tells Node in its children; apart from the rest of its code, which a program that only measures does not load. */
/* eslint-disable kalla/boundaries -- as in worker.ts */
export { CHILD_FLAGS } from '../../../worker/src/processes/child-flags.ts';
