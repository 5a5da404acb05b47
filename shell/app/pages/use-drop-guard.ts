import { notify } from '@kalla/ui';
import { useEffect } from 'react';

/**
 * Keeps a file that is dropped beside its place from replacing the page, which would throw away what was already chosen;
 * says where to drop it instead.
 */
export function useDropGuard(sentence: string): void {
  useEffect(() => {
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    // A place that takes the file has prevented the default by the time the event arrives here.
    function onDragOver(event: DragEvent) {
      if (event.defaultPrevented || !carriesFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'none';
    }
    function onDrop(event: DragEvent) {
      if (event.defaultPrevented || !carriesFiles(event)) return;
      event.preventDefault();
      notify('info', sentence);
    }
    window.addEventListener('dragover', onDragOver);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onDragOver);
      window.removeEventListener('drop', onDrop);
    };
  }, [sentence]);
}
