import { createContext, useContext, useSyncExternalStore } from 'react';

/** BCP 47 locale that numbers and dates are written in. The shell sets it from the request, so server and browser agree. */
export const LocaleContext = createContext('en-GB');

/** The locale that numbers and dates are written in. */
export function useLocale(): string {
  return useContext(LocaleContext);
}

const never = () => () => {};
const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The reader's time zone; `UTC` on the server and during hydration, since the server cannot know it. */
export function useTimeZone(): string {
  return useSyncExternalStore(never, browserZone, () => 'UTC');
}
