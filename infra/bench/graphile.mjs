// Drains a queue of jobs that do nothing with graphile-worker, unbatched as it comes: each job is
// claimed by one statement and completed by another, each of them a commit.
// Usage: DATABASE_URL=… node graphile.mjs JOBS CLAIMERS…; prints one line of JSON per CLAIMERS.
import { Logger, makeWorkerUtils, runOnce } from 'graphile-worker';

const [jobs, ...claimers] = process.argv.slice(2).map(Number);
const connectionString = process.env.DATABASE_URL;
const logger = new Logger(() => () => {});

const utils = await makeWorkerUtils({ connectionString, logger });
await utils.migrate();
for (const concurrency of claimers) {
  const count = jobs * Math.min(concurrency, 8);
  await utils.addJobs(Array.from({ length: count }, (_, n) => ({ identifier: 'noop', payload: { n } })));
  // As before our own rounds: no vacuum is left to be done while something is measured.
  await utils.withPgClient((client) => client.query('vacuum analyze'));
  let done = 0;
  const begun = process.hrtime.bigint();
  await runOnce({
    connectionString,
    logger,
    concurrency,
    maxPoolSize: concurrency + 2,
    taskList: { noop: () => { done += 1; } },
  });
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
  console.log(JSON.stringify({ claimers: concurrency, runs: done, seconds }));
}
await utils.release();
