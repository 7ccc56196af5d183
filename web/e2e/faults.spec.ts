import { QUESTION, answers, ask, expect, finished, markdownOf, midAnswer, questions, signIn, stored, test, wordsOf, wordsShown } from './tendril';

test('the worker is killed in mid-answer: another attempt answers, once', async ({ page, tendril, watched }) => {
  test.setTimeout(120_000);
  await signIn(page, tendril);
  await ask(page, QUESTION);
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
  await ask(page, QUESTION);
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
  const messages = await stored(tendril, watched);
  expect(messages.length).toBe(2);
  expect(await wordsShown(answers(page).first())).toBe(await wordsOf(page, markdownOf(messages[1])));
});
