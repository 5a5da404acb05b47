import { Button } from './button.tsx';
import { formatPercent } from './format.ts';
import { useLocale } from './locale.tsx';
import { messages } from './messages.ts';
import { Progress } from './meter.tsx';

/** Steps in which a screen reader hears how far it is: each percent would drown everything else. */
const SPOKEN_STEP = 0.25;

export interface FileProgressProps {
  name: string;
  /** How much of the file is sent, 0 to 1. At 1 the server looks at every cell of it. */
  sent: number;
  /** How much of that is done, 0 to 1; absent before anything is known of it. */
  read?: number | undefined;
  /** What stopping it is called; as for an upload where absent. */
  stopLabel?: string;
  onStop(): void;
}

/** How far a file is on its way: first sent, then looked through cell by cell. It can be stopped in both stages. */
export function FileProgress({ name, sent, read, stopLabel, onStop }: FileProgressProps) {
  const locale = useLocale();
  const reading = sent >= 1;
  const share = reading ? (read ?? null) : sent;
  const label = reading ? messages.readingFile(name) : messages.sendingFile(name);
  const spoken = Math.floor((share ?? 0) / SPOKEN_STEP) * SPOKEN_STEP;
  return (
    <div className="k-file-progress">
      <p role="status">
        {label}{' '}
        {share !== null && (
          <span className="k-number" aria-hidden="true">
            {formatPercent(share, locale)}
          </span>
        )}
        {spoken > 0 && spoken < 1 && <span className="k-visually-hidden">{formatPercent(spoken, locale)}</span>}
      </p>
      <Progress value={share} label={label} />
      <p>
        <Button small onClick={onStop}>
          {stopLabel ?? messages.stopUpload}
        </Button>
      </p>
    </div>
  );
}
