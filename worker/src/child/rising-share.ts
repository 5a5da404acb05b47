const EVERY_MS = 250;

/**
 * Makes the `onProgress` of an operation from what wants to hear a share that only rises, at most four times a second. A
 * reading that has to begin anew stands still until it is as far as before.
 */
export function risingShare(tell: (share: number) => void): (share: number) => void {
  let told = -1;
  let next = 0;
  return (given) => {
    const share = Math.min(given, 1);
    const now = performance.now();
    if (!(share > told) || now < next) return;
    told = share;
    next = now + EVERY_MS;
    tell(told);
  };
}
