/** What was, what is, and what was taken back. */
export interface History<T> {
  past: readonly T[];
  present: T;
  future: readonly T[];
  /** What the last change was about, and when: changes that follow fast upon each other are one step. */
  last: { about: string; at: number } | null;
}

/** A slider that is dragged or a word that is typed is taken back as a whole: changes of the same thing within this time, in ms. */
const TOGETHER = 1000;
const STEPS = 200;

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [], last: null };
}

/** A change that can be taken back. `about` names what is changed; a change without it is always a step of its own. */
export function change<T>(history: History<T>, present: T, about: string | null, at: number): History<T> {
  if (present === history.present) return history;
  const { last } = history;
  const together =
    about !== null &&
    last?.about === about &&
    at - last.at < TOGETHER &&
    history.past.length > 0 &&
    history.future.length === 0;
  return {
    past: together ? history.past : [...history.past.slice(1 - STEPS), history.present],
    present,
    future: [],
    last: about === null ? null : { about, at },
  };
}

/** A change that is not the user's: what the data say. It is not taken back by itself. */
export function replace<T>(history: History<T>, present: T): History<T> {
  return present === history.present ? history : { ...history, present };
}

/** A change of all that was, is and was taken back: what is true of every step from now on. */
export function everywhere<T>(history: History<T>, make: (step: T) => T): History<T> {
  return {
    ...history,
    past: history.past.map(make),
    present: make(history.present),
    future: history.future.map(make),
  };
}

export function undo<T>(history: History<T>): History<T> {
  const present = history.past.at(-1);
  if (present === undefined) return history;
  return { past: history.past.slice(0, -1), present, future: [history.present, ...history.future], last: null };
}

export function redo<T>(history: History<T>): History<T> {
  const [present, ...future] = history.future;
  if (present === undefined) return history;
  return { past: [...history.past, history.present], present, future, last: null };
}
