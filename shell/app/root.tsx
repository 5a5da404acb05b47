import '@kalla/ui/styles.css';
import './styles/shell.css';
import { LocaleContext, Toaster } from '@kalla/ui';
import type { ReactNode } from 'react';
import {
  isRouteErrorResponse,
  Link,
  Links,
  Meta,
  NavLink,
  Outlet,
  Scripts,
  ScrollRestoration,
  useMatches,
  useRouteLoaderData,
} from 'react-router';
import type { Route } from './+types/root';
import { messages } from './messages.ts';
import { LookAgain } from './pages/look-again.tsx';
import { useNonce } from './nonce.ts';
import { localeOf, themeOf } from './preferences.ts';
import { ThemeToggle } from './theme-toggle.tsx';
import { WarmFormats } from './warm-formats.tsx';

export function loader({ request }: Route.LoaderArgs) {
  return {
    theme: themeOf(request.headers.get('cookie')),
    locale: localeOf(request.headers.get('accept-language')),
  };
}

export const meta: Route.MetaFunction = () => [{ title: messages.appName }];

export function Layout({ children }: { children: ReactNode }) {
  const nonce = useNonce();
  const data = useRouteLoaderData<typeof loader>('root');
  const locale = data?.locale ?? 'en-GB';
  const alone = useMatches().some(({ handle }) => (handle as { alone?: boolean } | undefined)?.alone);
  return (
    <html lang="en" data-theme={data?.theme ?? undefined} suppressHydrationWarning>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {import.meta.env.DEV && <meta property="csp-nonce" nonce={nonce} suppressHydrationWarning />}
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <Meta />
        <Links nonce={nonce} />
      </head>
      <body>
        <LocaleContext value={locale}>
          <a className="skip-link" href="#content">
            {messages.skip}
          </a>
          <header className="masthead">
            {alone ? <span className="wordmark">{messages.appName}</span> : <Ways />}
            <ThemeToggle chosen={data?.theme ?? null} />
          </header>
          <main id="content" tabIndex={-1}>
            {children}
          </main>
          <Toaster />
        </LocaleContext>
        <WarmFormats locale={locale} nonce={nonce} />
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  );
}

/** The ways to the other pages. */
function Ways() {
  return (
    <>
      <Link to="/" className="wordmark">
        {messages.appName}
      </Link>
      <nav aria-label={messages.nav.label}>
        <NavLink to="/" end>
          {messages.nav.recipes}
        </NavLink>
        <NavLink to="/runs">{messages.nav.runs}</NavLink>
        <NavLink to="/sources">{messages.nav.sources}</NavLink>
        <NavLink to="/settings/connectors">{messages.nav.connectors}</NavLink>
        <a href="/api/docs">{messages.nav.api}</a>
      </nav>
    </>
  );
}

export default function App() {
  return <Outlet />;
}

/** Any error of a page: what is known about it in a sentence, and the way back. What passes by itself is waited for. */
export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  const answered = isRouteErrorResponse(error);
  const missing = answered && error.status === 404;
  // Something that Kalla needs is not there just now: its database, or the worker.
  const unavailable = answered && error.status === 503;
  const detail = answered && typeof error.data === 'string' && error.data ? error.data : null;
  const { title } = missing ? messages.notFound : unavailable ? messages.unavailable : messages.error;
  return (
    <div className="page narrow">
      <h1>{title}</h1>
      <p>{detail ?? (missing ? messages.notFound.text : messages.error.text)}</p>
      {unavailable && <LookAgain />}
      <p>
        <Link to="/">{messages.notFound.home}</Link>
      </p>
    </div>
  );
}
