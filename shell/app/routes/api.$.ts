import { problem } from '@kalla/core';
import { problemResponse } from '../server/http/problems.server.ts';

/** Any other path under `/api`: a problem body, never a page. */
const answer = ({ request }: { request: Request }): Response =>
  problemResponse(
    problem('not-found', `The API has no path ${new URL(request.url).pathname}. /api/docs lists all that there are.`),
  );
export const loader = answer;
export const action = answer;
