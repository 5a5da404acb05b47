/** One part of a bar. */
export interface Segment {
  id: string;
  value: number;
  /** Name of a colour class: `matched`, `left`, `right`, `progress`. */
  tone: string;
}

/**
 * A bar divided into parts. It is an SVG since widths are attributes there: a `style` attribute in HTML from the server is
 * refused by the content security policy. `label` says what the bar says, for those who do not see it.
 */
export function Bar({ segments, total, label }: { segments: readonly Segment[]; total: number; label: string }) {
  let start = 0;
  return (
    <svg className="k-bar" role="img" aria-label={label} width="100%" height="10" preserveAspectRatio="none">
      <rect className="k-bar-track" width="100%" height="100%" />
      {segments.map((segment) => {
        const x = total > 0 ? (start / total) * 100 : 0;
        const width = total > 0 ? (segment.value / total) * 100 : 0;
        start += segment.value;
        if (segment.value === 0) return null;
        return (
          <rect key={segment.id} className={`k-tone-${segment.tone}`} x={`${x}%`} width={`${width}%`} height="100%" />
        );
      })}
    </svg>
  );
}

/** Progress from 0 to 1, or null where the end is not known. */
export function Progress({ value, label }: { value: number | null; label: string }) {
  return <progress className="k-progress" aria-label={label} max={1} {...(value === null ? {} : { value })} />;
}
