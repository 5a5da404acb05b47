import type { Source } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { buttonClass, ComboBox, FileDrop } from '@kalla/ui';
import { useEffect, useState } from 'react';
import { otherSide, type SideName } from './draft.ts';
import { HostLink } from './host-link.tsx';
import { messages } from './messages.ts';
import { useTheBuilder } from './use-builder.ts';
import { problemIn } from './use-latest.ts';

const text = messages.sides;
/** Pages of sources that are read for the search, of 100 each. */
const PAGES = 20;

/** Chooses a side: a file, or a source that is set up. */
export function SideChooser({ side, onChosen }: { side: SideName; onChosen(): void }) {
  const { draft, change, send, refuse } = useTheBuilder();
  const [sources, problem] = useSources();
  const [clash, setClash] = useState(false);
  const other = draft.sides[otherSide(side)];
  const chosen = draft.sides[side];

  function takeSource(alias: string) {
    if (other?.alias === alias) {
      setClash(true);
      return;
    }
    setClash(false);
    const key = sources?.find((source) => source.alias === alias)?.primary_key ?? null;
    change((before) => ({
      ...before,
      sides: {
        ...before.sides,
        [side]: { ref: { kind: 'source', alias }, alias, primaryKey: key, schema: null, options: {} },
      },
    }));
    onChosen();
  }

  return (
    <div className="rb-chooser">
      <FileDrop
        label={text.names[side]}
        onFile={(file) => {
          onChosen();
          void send(side, file, chosen?.options);
        }}
        onRefuse={(sentence) => refuse(side, sentence)}
      />
      <div className="rb-registered">
        {sources && sources.length > 0 ? (
          <ComboBox
            label={text.registered}
            placeholder={text.registeredPlaceholder}
            options={sources.map(({ alias, type }) => ({ id: alias, label: alias, detail: type }))}
            value={chosen?.ref.kind === 'source' ? chosen.alias : null}
            onChange={takeSource}
          />
        ) : (
          <p className="k-soft">{problem ?? (sources ? text.noneRegistered : '')}</p>
        )}
        <HostLink className={buttonClass('quiet', true)} to="/sources/new">
          {text.newSource}
        </HostLink>
      </div>
      {clash && (
        <p className="k-notice k-notice-warn" role="alert">
          {text.sameSource}
        </p>
      )}
    </div>
  );
}

/** All registered sources, or a sentence where they cannot be had. */
function useSources(): [Source[] | null, string | null] {
  const { api } = usePanelHost();
  const [sources, setSources] = useState<Source[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    async function read() {
      const all: Source[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < PAGES; page++) {
        const search: string = new URLSearchParams({ limit: '100', ...(cursor ? { cursor } : {}) }).toString();
        const answer: { sources: Source[]; next: string | null } = await api.request(
          'GET',
          `/api/sources?${search}`,
          undefined,
          controller.signal,
        );
        all.push(...answer.sources);
        cursor = answer.next;
        if (!cursor) break;
      }
      setSources(all.sort((a, b) => a.alias.localeCompare(b.alias)));
    }
    read().catch((error: unknown) => {
      if (!controller.signal.aborted) setProblem(problemIn(error).detail);
    });
    return () => controller.abort();
  }, [api]);
  return [sources, problem];
}
