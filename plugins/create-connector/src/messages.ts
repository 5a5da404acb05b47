import type { Answers } from './answers.ts';

/** Every text that a person reads. */
export const messages = {
  usage: `Usage: npm create @kalla/connector NAME -- [--title TEXT] [--kind database|file|warehouse] [--panel]
                                           [--package NAME] [--yes]

  NAME       folder, id and scheme of its addresses, for example my-source
  --title    what people read, for example "My source"
  --kind     where the setup of a source offers it
  --panel    with a form of its own for its settings, a React component; --no-panel: with the form that Kalla draws
  --package  name of the package; kalla-connector-NAME where it is not given
  --yes      asks nothing and takes what is usual`,
  oneName: 'Give one name, without spaces, for example my-source.',
  askId: 'A short name for the source:',
  askTitle: 'What people read:',
  askKind: 'What it is, database, file or warehouse:',
  askPanel: 'A form of its own in React, in place of the one that Kalla draws? yes or no:',
  notYesOrNo: 'Answer yes or no.',
  notAKind: (kind: string, kinds: readonly string[]) =>
    `${JSON.stringify(kind.slice(0, 60))} is none of ${kinds.join(', ')}.`,
  stopped: 'Stopped. Nothing was written.',
  exists: (folder: string) => `There is already something at ${folder}. Nothing was written: choose another name.`,
  cannotWrite: (folder: string, code: string) => `The folder ${folder} cannot be made (${code}). Nothing was written.`,
  made: ({ id, packageName }: Answers) => `Made ${packageName} in ${id}. Next:

  cd ${id}
  npm install
  npm test         the conformance kit, against a source in memory
  npm run dev      builds at every change and loads it into a running Kalla

Then put your client into src/source.ts.`,
};
