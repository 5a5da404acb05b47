/**
 * Files on their way from the page they were dropped on to the page that uses them. They are kept in memory: a file cannot go
 * through an address, and not every browser keeps one in its history.
 */
let waiting: readonly File[] = [];

/** Keeps files for the next page. */
export function leaveFiles(files: readonly File[]): void {
  waiting = files;
}

/** The files that were left. They stay until others, or none, are left in their place. */
export function waitingFiles(): readonly File[] {
  return waiting;
}
