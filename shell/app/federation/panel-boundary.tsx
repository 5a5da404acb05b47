import { Component, type ReactNode } from 'react';

interface Props {
  children: ReactNode;
  fallback(error: Error): ReactNode;
}

/** Keeps an error of a panel, while loading or rendering, inside its own place on the page. */
export class PanelBoundary extends Component<Props, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(thrown: unknown) {
    return { error: thrown instanceof Error ? thrown : new Error(String(thrown)) };
  }

  override render() {
    return this.state.error ? this.props.fallback(this.state.error) : this.props.children;
  }
}
