import { ProblemError } from '@tendril/stream';
import { waitText, type Said } from './text';

/** Why the relay did not take a message; `open`: turns that have no answer yet. */
export function refusal(error: unknown, open: number): Said {
  if (!(error instanceof ProblemError)) return { key: 'send.failed' };
  switch (error.code) {
    case 'rate_limited':
      return { key: 'send.limited', vars: { wait: waitText(error.retryAfter ?? 60) } };
    case 'chat_full':
      // One code for two limits: too many waiting turns pass, too many messages do not.
      return { key: open >= 3 ? 'send.busy' : 'send.full' };
    case 'too_large':
      return { key: 'send.too-long' };
    case 'invalid_text':
      return { key: 'send.invalid' };
    default:
      return error.passing ? { key: 'send.failed' } : { key: 'send.problem', vars: { reason: error.detail ?? error.message } };
  }
}
