import {
  LONG_QUESTION,
  answers,
  ask,
  composer,
  expect,
  finished,
  markdownOf,
  midAnswer,
  questions,
  running,
  signIn,
  stored,
  test,
  wordsOf,
  wordsShown,
} from './tendril';

test('the worker is killed in mid-answer: another attempt answers, once', async ({ page, tendril, watched }) => {
  test.setTimeout(120_000);
  await signIn(page, tendril);
  await ask(page, LONG_QUESTION);
  await midAnswer(page);
  process.kill((await tendril.pids()).worker, 'SIGKILL');
  await expect(finished(page)).toHaveCount(1, { timeout: 90_000 });
  await expect(answers(page)).toHaveCount(1);
  const messages = await stored(tendril, watched);
  expect(messages.map((message) => message.role)).toEqual(['user', 'assistant']);
  expect(await wordsShown(answers(page).first())).toBe(await wordsOf(page, markdownOf(messages[1])));
});

test('the relay is killed in mid-answer: the page comes back and the text is whole', async ({ page, tendril, watched }) => {
  test.setTimeout(120_000);
  await signIn(page, tendril);
  await ask(page, LONG_QUESTION);
  await midAnswer(page);
  process.kill((await tendril.pids()).relay, 'SIGKILL');
  await expect(page.getByText('The connection is lost. Trying again…')).toBeVisible();
  await expect(finished(page)).toHaveCount(1, { timeout: 90_000 });
  await expect(page.getByText('The connection is lost. Trying again…')).toHaveCount(0);
  await expect(answers(page)).toHaveCount(1);
  const messages = await stored(tendril, watched);
  expect(messages.map((message) => message.role)).toEqual(['user', 'assistant']);
  expect(await wordsShown(answers(page).first())).toBe(await wordsOf(page, markdownOf(messages[1])));
});

test('a message that is sent while the relay is away arrives once', async ({ page, tendril, watched }) => {
  test.setTimeout(120_000);
  await signIn(page, tendril);
  await ask(page, 'What can the built-in guide do?');
  await expect(finished(page)).toHaveCount(1, { timeout: 40_000 });
  process.kill((await tendril.pids()).relay, 'SIGKILL');
  await ask(page, 'Where does the data live?');
  await expect(finished(page)).toHaveCount(2, { timeout: 90_000 });
  await expect(questions(page)).toHaveCount(2);
  expect((await stored(tendril, watched)).length).toBe(4);
});

test('no worker: the visitor sees since when, and is answered when it returns', async ({ page, tendril, watched }) => {
  test.setTimeout(180_000);
  await signIn(page, tendril);
  // Stopped, not killed: the supervisor would start another.
  const { worker } = await tendril.pids();
  process.kill(worker, 'SIGSTOP');
  try {
    await ask(page, 'How long does a session last?');
    await expect(answers(page).first()).toContainText(/offline since .*Your question is kept/, { timeout: 90_000 });
    await expect(page.getByText(/^Offline since/)).toBeVisible();
  } finally {
    process.kill(worker, 'SIGCONT');
  }
  await expect(finished(page)).toHaveCount(1, { timeout: 60_000 });
  await page.reload();
  await expect(page.getByText('Online', { exact: true })).toBeVisible();
  await expect(finished(page)).toHaveCount(1);
  const messages = await stored(tendril, watched);
  expect(messages.length).toBe(2);
  expect(await wordsShown(answers(page).first())).toBe(await wordsOf(page, markdownOf(messages[1])));
});

test('the model is away: a sentence, and a button that tries again', async ({ page }) => {
  test.setTimeout(180_000);
  // Nothing listens there.
  await running(['--model-url', 'http://127.0.0.1:9/v1', '--model', 'none'], async (tendril) => {
    await signIn(page, tendril);
    await ask(page, 'Are you there?');
    const failure = answers(page).last().getByRole('alert');
    await expect(failure).toContainText(/[A-Z].*\./, { timeout: 90_000 });
    await expect(failure).not.toContainText(/127|http|refused|Exception/i);
    await failure.getByRole('button', { name: 'Try again' }).click();
    await expect(answers(page)).toHaveCount(2);
    await expect(answers(page).last()).toHaveClass(/failed/, { timeout: 90_000 });
    // It is still there after a reload.
    await page.reload();
    await expect(page.getByRole('button', { name: 'Try again' })).toHaveCount(1);
  });
});

test('a session outlives reloads and tabs: no refresh secret is spent in vain', async ({ page, context, tendril, watched }) => {
  await signIn(page, tendril);
  let refreshes = 0;
  context.on('request', (request) => {
    if (request.url().endsWith('/sessions/refresh')) refreshes++;
  });
  // A reload takes the token along.
  await page.reload();
  await composer(page).waitFor();
  expect(refreshes).toBe(0);
  // Without it, each reload has to refresh.
  await context.addInitScript((site) => sessionStorage.removeItem(`tendril:${site}:token`), tendril.site);
  await page.reload();
  await ask(page, 'What is the relay?');
  await expect(answers(page)).toHaveCount(1);
  expect(refreshes).toBe(1);
  // In a hurry, so that answers are lost. While Chromium swaps the page's frame it takes no reload: then at once again.
  for (let hurry = 0; hurry < 4; hurry++) {
    await expect(() => page.reload({ waitUntil: 'commit' })).toPass({ intervals: [20], timeout: 10_000 });
  }
  await composer(page).waitFor();
  // A copied tab has the same secret; both refresh at once.
  const [copy] = await Promise.all([context.waitForEvent('page'), page.evaluate(() => void window.open(location.href))]);
  await composer(copy).waitFor();
  for (let round = 0; round < 3; round++) {
    await Promise.all([page.reload(), copy.reload()]);
    await Promise.all([composer(page).waitFor(), composer(copy).waitFor()]);
    await expect(answers(page)).toHaveCount(1);
    await expect(answers(copy)).toHaveCount(1);
  }
  expect(watched.errors).toEqual([]);
});
