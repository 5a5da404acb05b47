/**
 * What Node is told in a child that stages rows. Batches from a server are large buffers that live for a moment. With the usual 16 MB
 * for what is young, now and then some of them grow old before they are gone, and then all memory is searched every few of them:
 * some reads of a million rows took a third longer than others.
 */
export const CHILD_FLAGS = ['--max-semi-space-size=32'];
